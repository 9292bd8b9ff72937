#include "tests/grpc/test_certificates.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {
namespace {

std::string Read(const std::string& name) {
  std::ifstream file(absl::StrCat("tests/grpc/testdata/", name));
  WEIR_CHECK(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

GrpcSecurity TestSecurity(const std::string& ca, const std::string& certificate) {
  GrpcSecurity security;
  if (!ca.empty()) security.ca_pem = Read(ca + ".pem");
  if (!certificate.empty()) {
    security.certificate_pem = Read(certificate + ".pem");
    security.private_key_pem = Read(certificate + ".key");
  }
  return security;
}

}  // namespace weir
