/** A module for tests only: the parts of the kernels whose results are published or can be computed. */
export { prepare } from "./index";
export { decode, encode } from "./linear11";
export { crc8 } from "./pec";
export { digest, hash } from "./sha256";

const scratch: usize = memory.data(1024, 4);

/** Returns the address at which a test may put its bytes. */
export function scratchStart(): usize {
  return scratch;
}
