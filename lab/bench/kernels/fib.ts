/**
 * Fibonacci numbers by recursion: nothing but calls, for what a call costs, and the one kernel whose
 * figure can be held against those published for other engines.
 */

const ARGUMENT: u32 = 24;

function fibonacci(n: u32): u32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export function fib(): u32 {
  return fibonacci(ARGUMENT);
}
