/**
 * Fibonacci numbers by recursion. This kernel consists of calls only, so it shows the cost of a call.
 * Figures of other engines are published for it.
 */

const ARGUMENT: u32 = 24;

function fibonacci(n: u32): u32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export function fib(): u32 {
  return fibonacci(ARGUMENT);
}
