// The certificates of tests/grpc/testdata, which make_certificates.sh there made. testonly.
#ifndef WEIR_TESTS_GRPC_TEST_CERTIFICATES_H_
#define WEIR_TESTS_GRPC_TEST_CERTIFICATES_H_

#include <string>

#include "transport/grpc/grpc_network.h"

namespace weir {

// Trusts `ca` and is `certificate`: names of files without their ending. Empty ones are left out.
GrpcSecurity TestSecurity(const std::string& ca, const std::string& certificate);

}  // namespace weir

#endif  // WEIR_TESTS_GRPC_TEST_CERTIFICATES_H_
