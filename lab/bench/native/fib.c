// Fibonacci numbers by recursion; see lab/bench/kernels/fib.ts.

#include "kernels.h"

#define ARGUMENT 24

static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

uint32_t native_fib(void) { return fibonacci(ARGUMENT); }
