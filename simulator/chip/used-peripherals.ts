/**
 * Which of rp2040js' peripherals the firmware has used since their last reset: a reset replaces only those.
 */
const used = new WeakSet<object>();

export function markUsed(peripheral: object): void {
  used.add(peripheral);
}

export function isUsed(peripheral: object): boolean {
  return used.has(peripheral);
}
