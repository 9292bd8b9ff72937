#include "gtest/gtest.h"
#include "sim/campaign.h"
#include "sim/fault_plan.h"

namespace weir::sim {
namespace {

SeedReport GoodReport(uint64_t seed) {
  SeedReport report;
  report.seed = seed;
  report.digest = seed * 77;
  report.simulated_ns = 2'000'000'000;
  report.checkpoints = 5;
  report.recoveries = 2;
  report.rows_compared = 1500;
  for (int kind = 0; kind < kFaultKinds; ++kind) {
    report.fired[std::string(FaultKindName(static_cast<FaultKind>(kind)))] = 1;
  }
  return report;
}

CampaignTotals TotalsOf(uint64_t seeds, const std::function<void(SeedReport&)>& change) {
  CampaignTotals totals;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SeedReport report = GoodReport(seed);
    change(report);
    totals.Add(report);
  }
  return totals;
}

TEST(CampaignTotalsTest, DigestIsOfTheSeedsAndNotOfTheOrderInWhichTheyEnd) {
  CampaignTotals one;
  CampaignTotals two;
  CampaignTotals other;
  for (const uint64_t seed : {1, 2, 3}) one.Add(GoodReport(seed));
  for (const uint64_t seed : {3, 1, 2}) two.Add(GoodReport(seed));
  for (const uint64_t seed : {1, 2, 4}) other.Add(GoodReport(seed));
  EXPECT_EQ(one.digest(), two.digest());
  EXPECT_NE(one.digest(), other.digest());
  EXPECT_DOUBLE_EQ(one.simulated_seconds(), 6);
}

TEST(CampaignTotalsTest, CountsFailuresByVerdict) {
  const CampaignTotals totals = TotalsOf(10, [](SeedReport& report) {
    if (report.seed == 4) report.verdict = Verdict::kLiveness;
  });
  EXPECT_EQ(totals.failures(), 1);
  EXPECT_EQ(totals.verdicts().at(Verdict::kLiveness), 1);
}

TEST(CampaignTotalsTest, WhatShowedEverythingIsNotVacuous) {
  for (const uint64_t seeds : {1, 20, 1000}) {
    EXPECT_TRUE(TotalsOf(seeds, [](SeedReport&) {}).CheckVacuity().ok()) << seeds;
  }
}

TEST(CampaignTotalsTest, WhatComparedOrBrokeTooLittleIsVacuous) {
  const auto vacuous = [](uint64_t seeds, const std::function<void(SeedReport&)>& change) {
    return !TotalsOf(seeds, change).CheckVacuity().ok();
  };
  EXPECT_TRUE(vacuous(1, [](SeedReport& report) { report.rows_compared = 0; }));
  EXPECT_TRUE(vacuous(20, [](SeedReport& report) { report.recoveries = 0; }));
  EXPECT_TRUE(vacuous(20, [](SeedReport& report) { report.checkpoints = 0; }));
  EXPECT_TRUE(vacuous(20, [](SeedReport& report) { report.fired.clear(); }));
  EXPECT_TRUE(vacuous(100, [](SeedReport& report) { report.counts["fenced"] = 0; }));
  EXPECT_TRUE(vacuous(1000, [](SeedReport& report) {
    if (report.seed % 25 != 0) report.fired.erase("file-crash");
  }));
  EXPECT_TRUE(vacuous(1000, [](SeedReport& report) {
    if (report.seed % 8 == 0) report.rows_compared = 999;
  }));
  EXPECT_TRUE(vacuous(1000, [](SeedReport& report) {
    if (report.seed % 3 != 0) report.recoveries = 0;
  }));
}

TEST(SeedReportTest, SurvivesItsTextForm) {
  SeedReport report = GoodReport(7);
  report.verdict = Verdict::kCorrectness;
  report.oracle = "exact output";
  report.what = "row \"\xff\" is missing";
  report.plan = "kill at=1s machine=tm-1\n";
  report.counts["fenced"] = 3;
  const absl::StatusOr<SeedReport> read = SeedReportFromJson(ToJson(report));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->verdict, report.verdict);
  EXPECT_EQ(read->plan, report.plan);
  EXPECT_EQ(read->counts, report.counts);
  EXPECT_EQ(read->fired, report.fired);
  EXPECT_EQ(read->digest, report.digest);
  EXPECT_TRUE(read->what.find("is missing") != std::string::npos);
  EXPECT_FALSE(SeedReportFromJson("{\"seed\":1").ok());
  EXPECT_FALSE(SeedReportFromJson("{\"seed\":1}").ok());
}

}  // namespace
}  // namespace weir::sim
