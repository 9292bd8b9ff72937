// want: file-name
