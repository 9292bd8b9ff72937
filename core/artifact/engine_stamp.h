// What an artifact and the program that loads it must have in common, as text that is compiled into both: macros, because each
// states what its own compiler says. Included where the stamp is made, nowhere else.
//
//   WEIR_ENGINE_BUILD_ID   32 hex digits over all headers that a job can include, and the versions of the installed libraries
//   WEIR_COMPILER          "clang 16.0.6"
//   WEIR_ABI               "x86_64 libstdc++ 12 cxx11", and what else changes the layout of types
#ifndef WEIR_CORE_ARTIFACT_ENGINE_STAMP_H_
#define WEIR_CORE_ARTIFACT_ENGINE_STAMP_H_

#include <version>  // _GLIBCXX_RELEASE

#include "core/artifact/engine_build_id.h"  // Generated.

#define WEIR_STAMP_TEXT(x) #x
#define WEIR_STAMP_VALUE(x) WEIR_STAMP_TEXT(x)

#if defined(__clang__)
#define WEIR_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define WEIR_COMPILER "gcc " __VERSION__
#else
#error "Name this compiler here."
#endif

#if defined(__x86_64__)
#define WEIR_ABI_PROCESSOR "x86_64"
#elif defined(__aarch64__)
#define WEIR_ABI_PROCESSOR "aarch64"
#else
#error "Name this processor here."
#endif

#if defined(_LIBCPP_VERSION)
#define WEIR_ABI_LIBRARY " libc++ " WEIR_STAMP_VALUE(_LIBCPP_VERSION)
#elif _GLIBCXX_USE_CXX11_ABI
#define WEIR_ABI_LIBRARY " libstdc++ " WEIR_STAMP_VALUE(_GLIBCXX_RELEASE) " cxx11"
#else
#define WEIR_ABI_LIBRARY " libstdc++ " WEIR_STAMP_VALUE(_GLIBCXX_RELEASE)
#endif

#ifdef NDEBUG
#define WEIR_ABI_CHECKS ""
#else
#define WEIR_ABI_CHECKS " dchecks"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define WEIR_ABI_SANITIZER " asan"
#elif defined(__SANITIZE_THREAD__)
#define WEIR_ABI_SANITIZER " tsan"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_ABI_SANITIZER " asan"
#elif __has_feature(thread_sanitizer)
#define WEIR_ABI_SANITIZER " tsan"
#endif
#endif
#ifndef WEIR_ABI_SANITIZER
#define WEIR_ABI_SANITIZER ""
#endif

#define WEIR_ABI WEIR_ABI_PROCESSOR WEIR_ABI_LIBRARY WEIR_ABI_CHECKS WEIR_ABI_SANITIZER

#endif  // WEIR_CORE_ARTIFACT_ENGINE_STAMP_H_
