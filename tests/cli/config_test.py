#!/usr/bin/env python3
"""Where options come from: `weir config`, the file, variables and flags, and every way to get them wrong."""

import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "weir_binary")]
sys.dont_write_bytecode = True

import weir_binary  # noqa: E402

USAGE = 2


class ConfigTest(weir_binary.WeirTest):
    def config(self, *arguments, **variables):
        said = self.weir("config", "--json", *arguments, env=weir_binary.environment(**variables)).stdout
        return {option["key"]: option for option in json.loads(said)}

    def test_sources(self):
        (self.folder / "c.yaml").write_text("# mine\nheartbeat.interval: 1 s\nrpc.ask.timeout: 7 s  # long\n")
        options = self.config("--config=c.yaml", "-Drpc.retry.delay=1s", WEIR_RPC_ASK_TIMEOUT="8 s")
        found = {key: (option["value"], option["source"], option["where"]) for key, option in options.items()}
        file = os.path.realpath(self.folder / "c.yaml")
        self.assertEqual(found["heartbeat.interval"], ("1 s", "file", f"{file}:2"))
        self.assertEqual(found["rpc.ask.timeout"], ("8 s", "environment", "environment WEIR_RPC_ASK_TIMEOUT"))
        self.assertEqual(found["rpc.retry.delay"], ("1s", "flag", "-D rpc.retry.delay"))
        self.assertEqual(found["heartbeat.timeout"], ("50 s", "default", "default"))
        self.assertEqual(found["state-dir"][0], weir_binary.STATE)

    def test_which_file(self):
        (self.folder / "a.yaml").write_text("parallelism.default: 2\n")
        users = pathlib.Path(weir_binary.STATE) / "weir"
        users.mkdir()
        (users / "config.yaml").write_text("parallelism.default: 3\n")
        self.assertEqual(self.config()["parallelism.default"]["value"], "3")
        self.assertEqual(self.config(WEIR_CONFIG="a.yaml")["parallelism.default"]["value"], "2")

    def test_table(self):
        said = self.weir("config").stdout
        self.assertRegex(said, r"(?m)^jobmanager.rpc.port +6123 +default$")
        self.assertSays(self.weir("config", "--describe").stdout, "heartbeat.interval", "length of time", "--jobmanager")

    def test_wrong_file(self):
        for text, said in (
            ("heartbeat.intervall: 1 s\n", ("c.yaml:1", "heartbeat.intervall", "did you mean heartbeat.interval")),
            ("\nheartbeat.interval: soon\n", ("c.yaml:2", "heartbeat.interval", "length of time", '"soon"')),
            ("heartbeat:\n  interval: 1 s\n", ("c.yaml:2", "flat")),
            ("\x00\x1b[2J: \xff\n", ("c.yaml:1", "no option")),
        ):
            (self.folder / "c.yaml").write_text(text)
            done = self.weir("config", "--config=c.yaml", want=USAGE)
            self.assertSays(done.stderr, *said)
            self.assertEqual(done.stdout, "")
            self.assertNotIn("\x1b", done.stderr)
        self.assertSays(self.weir("config", "--config=none.yaml", want=USAGE).stderr, "none.yaml", "cannot be read")

    def test_wrong_flags_and_variables(self):
        self.assertSays(self.weir("config", "-D", "parallelism.defualt=1", want=USAGE).stderr, "parallelism.default")
        self.assertSays(self.weir("config", "-D", "parallelism.default", want=USAGE).stderr, "KEY=VALUE")
        wrong = weir_binary.environment(WEIR_JOBMANAGER_RPC_PORT="zero")
        self.assertSays(self.weir("config", want=USAGE, env=wrong).stderr, "WEIR_JOBMANAGER_RPC_PORT", "65535", '"zero"')
        typo = weir_binary.environment(WEIR_JOBMANAGER_RPC_PROT="1")
        self.assertSays(self.weir("config", env=typo).stderr, "WEIR_JOBMANAGER_RPC_PROT", "WEIR_JOBMANAGER_RPC_PORT")


if __name__ == "__main__":
    weir_binary.main()
