"""fuzz_target: a libFuzzer target and the test that replays its corpus."""

def fuzz_target(name, deps):
    """Declares a fuzz target and a test.

    Expects <name>.cc with LLVMFuzzerTestOneInput, and seeds in <name>_corpus/, at least one. Declares

      <name>              the libFuzzer binary, for `--config=fuzz`. Tags: manual, so that //... leaves it out; fuzz, by
                          which .ci/run finds it.
      <name>_corpus_test  runs every file of the corpus once, in any configuration and with any compiler. An input that
                          once failed goes into the corpus and is a regression test from then on.
    """
    native.cc_library(
        name = name + "_input",
        testonly = True,
        srcs = [name + ".cc"],
        alwayslink = True,
        deps = deps,
    )
    native.cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzz",
            "manual",
        ],
        deps = [":%s_input" % name],
    )
    corpus = native.glob([name + "_corpus/**"])
    if not corpus:
        fail("fuzz_target %s: no seeds in %s_corpus/" % (name, name))
    native.cc_test(
        name = name + "_corpus_test",
        size = "small",
        srcs = ["//fuzz:replay_main.cc"],
        args = ["$(locations %s)" % file for file in corpus],
        data = corpus,
        deps = [":%s_input" % name],
    )
