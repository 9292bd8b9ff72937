// want: unknown-folder
