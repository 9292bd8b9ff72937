#include <grpcpp/grpcpp.h>

#include <mutex>
