#include "cli/config/load_config.h"

#include "absl/strings/str_cat.h"
#include "cli/config/cluster_config.h"
#include "cli/config/config_file.h"
#include "cli/config/config_options.h"
#include "core/base/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kFile[] = "/etc/weir/config.yaml";

ConfigInputs InputsWithFile(std::string text) {
  ConfigInputs inputs;
  inputs.file_path = kFile;
  inputs.file_text = std::move(text);
  inputs.user_directory = "/home/ada";
  inputs.default_state_directory = "/home/ada/.local/state/weir";
  return inputs;
}

std::string ErrorOf(const ConfigInputs& inputs) {
  const absl::StatusOr<Config> config = ComposeConfig(inputs);
  return config.ok() ? "" : std::string(config.status().message());
}

TEST(LoadConfigTest, EveryDefaultIsAValue) {
  const absl::StatusOr<Config> config = ComposeConfig(InputsWithFile(""));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->String(kJobManagerRpcAddress), "127.0.0.1");
  EXPECT_EQ(config->Integer(kJobManagerRpcPort), 6123);
  EXPECT_EQ(config->Duration(kHeartbeatTimeout), absl::Seconds(50));
  EXPECT_EQ(config->String(kStateDir), "/home/ada/.local/state/weir");
  EXPECT_FALSE(config->IsSet(kStateDir));
  EXPECT_EQ(JobManagerAddress(*config), "127.0.0.1:6123");
  EXPECT_EQ(ToTimeouts(*config).release_timeout, absl::Minutes(3));
}

TEST(LoadConfigTest, DefaultTimeoutsAreThoseOfTheCluster) {
  const ClusterTimeouts configured = ToTimeouts(*ComposeConfig(InputsWithFile("")));
  const ClusterTimeouts built_in;
  EXPECT_EQ(configured.heartbeat_interval, built_in.heartbeat_interval);
  EXPECT_EQ(configured.heartbeat_timeout, built_in.heartbeat_timeout);
  EXPECT_EQ(configured.ask_timeout, built_in.ask_timeout);
  EXPECT_EQ(configured.deploy_timeout, built_in.deploy_timeout);
  EXPECT_EQ(configured.release_timeout, built_in.release_timeout);
  EXPECT_EQ(configured.retry_delay, built_in.retry_delay);
}

TEST(LoadConfigTest, LaterSourcesWin) {
  ConfigInputs inputs = InputsWithFile(
      "heartbeat.interval: 1 s\nrpc.ask.timeout: 2 s\n"
      "rpc.deploy.timeout: 3 s\nparallelism.default: 2\n");
  inputs.environment = {{"WEIR_RPC_ASK_TIMEOUT", "20 s"},
                        {"WEIR_RPC_DEPLOY_TIMEOUT", "30 s"},
                        {"WEIR_PARALLELISM_DEFAULT", "3"}};
  inputs.dynamic = {"rpc.deploy.timeout=5min", "parallelism.default=4"};
  inputs.flags = {{&kParallelismDefault, "5"}};
  const absl::StatusOr<Config> config = ComposeConfig(inputs);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->Duration(kHeartbeatInterval), absl::Seconds(1));
  EXPECT_EQ(config->entry(kHeartbeatInterval).where, "/etc/weir/config.yaml:1");
  EXPECT_EQ(config->Duration(kRpcAskTimeout), absl::Seconds(20));
  EXPECT_EQ(config->entry(kRpcAskTimeout).where, "environment WEIR_RPC_ASK_TIMEOUT");
  EXPECT_EQ(config->Duration(kRpcDeployTimeout), absl::Minutes(5));
  EXPECT_EQ(config->entry(kRpcDeployTimeout).where, "-D rpc.deploy.timeout");
  EXPECT_EQ(config->Integer(kParallelismDefault), 5);
  EXPECT_EQ(config->entry(kParallelismDefault).where, "--parallelism");
}

TEST(LoadConfigTest, PathsCountFromWhereTheyAreWritten) {
  ConfigInputs inputs = InputsWithFile("state-dir: state\nexecution.checkpointing.dir: /c/./d/\n");
  EXPECT_EQ(ComposeConfig(inputs)->String(kStateDir), "/etc/weir/state");
  EXPECT_EQ(ComposeConfig(inputs)->String(kCheckpointDir), "/c/d");
  inputs.environment = {{"WEIR_STATE_DIR", "state"}};
  EXPECT_EQ(ComposeConfig(inputs)->String(kStateDir), "/home/ada/state");
}

TEST(LoadConfigTest, SaysWhereAnUnknownKeyIsAndWhatIsNearIt) {
  EXPECT_THAT(ErrorOf(InputsWithFile("# x\nheartbeat.intervall: 1 s\n")),
              AllOf(HasSubstr("/etc/weir/config.yaml:2: "), HasSubstr("\"heartbeat.intervall\""),
                    HasSubstr("did you mean heartbeat.interval")));
  ConfigInputs inputs = InputsWithFile("");
  inputs.dynamic = {"heartbeat.intervall=1s"};
  EXPECT_THAT(ErrorOf(inputs),
              AllOf(HasSubstr("-D"), HasSubstr("did you mean heartbeat.interval")));
  inputs.dynamic = {"heartbeat.interval"};
  EXPECT_THAT(ErrorOf(inputs), HasSubstr("-D takes KEY=VALUE, not \"heartbeat.interval\""));
}

TEST(LoadConfigTest, SaysWhereAWrongValueIsAndWhatIsExpected) {
  EXPECT_EQ(ErrorOf(InputsWithFile("\njobmanager.rpc.port: 70000\n")),
            "/etc/weir/config.yaml:2: jobmanager.rpc.port must be a whole number between 0 and "
            "65535, not \"70000\"");
  EXPECT_EQ(ErrorOf(InputsWithFile("heartbeat.interval:\n")),
            "/etc/weir/config.yaml:1: heartbeat.interval must be a length of time of 1 ms or more, "
            "such as 500 ms, 10 s or 1 min, not empty");
  EXPECT_EQ(ErrorOf(InputsWithFile("restart-strategy.type: sometimes\n")),
            "/etc/weir/config.yaml:1: restart-strategy.type must be none, fixed-delay, "
            "exponential-delay or failure-rate, not \"sometimes\"");
  ConfigInputs inputs = InputsWithFile("");
  inputs.environment = {{"WEIR_HEARTBEAT_TIMEOUT", "soon"}};
  EXPECT_THAT(ErrorOf(inputs), HasSubstr("WEIR_HEARTBEAT_TIMEOUT must be a length of time"));
  inputs.environment.clear();
  inputs.flags = {{&kParallelismDefault, "-1"}};
  EXPECT_EQ(ErrorOf(inputs),
            "--parallelism must be a whole number between 1 and 32768, not \"-1\"");
  inputs.flags = {{&kJobManagerRpcAddress, ""}};
  EXPECT_EQ(ErrorOf(inputs), "--jobmanager must be a word, not empty");
}

TEST(LoadConfigTest, ChecksWhatDependsOnEachOther) {
  EXPECT_EQ(ErrorOf(InputsWithFile("heartbeat.interval: 1 min\n")),
            "heartbeat.timeout (50 s, default) must be longer than heartbeat.interval (1 min, "
            "/etc/weir/config.yaml:1)");
  EXPECT_EQ(ErrorOf(InputsWithFile("security.ssl.enabled: true\nsecurity.ssl.ca: ca.pem\n")),
            "security.ssl.enabled (true, /etc/weir/config.yaml:1) needs security.ssl.certificate, "
            "too: a PEM file");
}

TEST(LoadConfigTest, JobManagerFlagHasHostAndPort) {
  ConfigInputs inputs = InputsWithFile("jobmanager.rpc.port: 7000\n");
  const auto address = [&](const char* flag) {
    inputs.flags = {{&kJobManagerRpcAddress, flag}};
    const absl::StatusOr<Config> config = ComposeConfig(inputs);
    return config.ok() ? JobManagerAddress(*config) : std::string(config.status().message());
  };
  EXPECT_EQ(address("jm"), "jm:7000");
  EXPECT_EQ(address("jm:8000"), "jm:8000");
  EXPECT_EQ(address("[::1]:8000"), "[::1]:8000");
  EXPECT_EQ(address("jm:"),
            "--jobmanager: the port must be a whole number between 0 and 65535, not \"\"; write "
            "--jobmanager=HOST:PORT");
}

TEST(LoadConfigTest, ChoosesTheFile) {
  EXPECT_EQ(ChooseConfigFile("my.yaml", "/x", "/h", "/home/ada"), "/home/ada/my.yaml");
  EXPECT_EQ(ChooseConfigFile("", "/x", "/h", "/home/ada"), "/x/weir/config.yaml");
  EXPECT_EQ(ChooseConfigFile("", "relative", "/h", "/home/ada"), "/h/.config/weir/config.yaml");
  EXPECT_EQ(ChooseConfigFile("", "", "", "/home/ada"), "");
}

TEST(LoadConfigTest, FindsMistypedVariables) {
  const auto mistyped = MistypedVariables({{"WEIR_HEARTBEAT_INTERVALL", "1s"},
                                           {"WEIR_STATE_DIR", "/s"},
                                           {"WEIR_CONFIG", "c"},
                                           {"WEIR_WORKING_DIRECTORY", "/w"},
                                           {"PATH", "/bin"}});
  ASSERT_EQ(mistyped.size(), 1u);
  EXPECT_EQ(mistyped[0].first, "WEIR_HEARTBEAT_INTERVALL");
  EXPECT_THAT(mistyped[0].second, HasSubstr("WEIR_HEARTBEAT_INTERVAL"));
}

TEST(ConfigFileTest, ReadsFlatLines) {
  const absl::StatusOr<std::vector<ConfigLine>> lines = ParseConfigFile(
      "---\n# comment\n\na: 1\r\nb:   two words  # comment\nc: \"# no comment\" # comment\nd: "
      "'it'\n"
      "e: a#b\nf:\ng: x:y: z",
      kFile);
  ASSERT_TRUE(lines.ok()) << lines.status();
  std::string all;
  for (const ConfigLine& line : *lines)
    absl::StrAppend(&all, line.line, " ", line.key, "=", line.value, ";");
  EXPECT_EQ(all, "4 a=1;5 b=two words;6 c=# no comment;7 d=it;8 e=a#b;9 f=;10 g=x:y: z;");
}

TEST(ConfigFileTest, NamesTheLineThatIsWrong) {
  const auto error = [](const char* text) {
    return std::string(ParseConfigFile(text, kFile).status().message());
  };
  EXPECT_THAT(error("a: 1\nb\n"), HasSubstr("config.yaml:2: expected \"key: value\""));
  EXPECT_THAT(error("a:1\n"), HasSubstr("with a space after the colon"));
  EXPECT_THAT(error("heartbeat:\n  interval: 1 s\n"), HasSubstr(":2: keys are written flat"));
  EXPECT_THAT(error("a: \"x\n"), HasSubstr("never closed"));
  EXPECT_THAT(error("a: \"x\" y\n"), HasSubstr("only a comment"));
  EXPECT_THAT(error("a: 1\nb: 2\na: 3\n"), HasSubstr(":3: \"a\" is set in line 1 already"));
}

TEST(ConfigOptionTest, ReadsFlinksDurations) {
  const auto parsed = [](const char* text) {
    const absl::StatusOr<absl::Duration> duration = ParseConfigDuration(kHeartbeatInterval, text);
    return duration.ok() ? absl::FormatDuration(*duration) : "none";
  };
  EXPECT_EQ(parsed("10 s"), "10s");
  EXPECT_EQ(parsed("500"), "500ms");
  EXPECT_EQ(parsed("2 MIN"), "2m");
  EXPECT_EQ(parsed("1m30s"), "1m30s");
  EXPECT_EQ(parsed("1 day"), "24h");
  EXPECT_EQ(parsed("0"), "none");
  EXPECT_EQ(parsed("-1 s"), "none");
  EXPECT_EQ(parsed("inf"), "none");
  EXPECT_EQ(parsed("1 fortnight"), "none");
  EXPECT_EQ(parsed("99999999999999999999 d"), "none");
  EXPECT_EQ(parsed(""), "none");
}

TEST(ConfigOptionTest, OptionsAreSoundAndSorted) {
  std::string previous;
  for (const ConfigOption* option : AllConfigOptions()) {
    EXPECT_LT(previous, option->key);
    previous = option->key;
    EXPECT_FALSE(option->description.empty()) << option->key;
    if (!option->default_value.empty()) {
      EXPECT_TRUE(CheckConfigValue(*option, option->default_value).ok()) << option->key;
    }
  }
}

}  // namespace
}  // namespace weir::cli
