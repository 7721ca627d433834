/**
 * The logic's part of flash under the Node host. Programming clears bits, erasing sets the bits of a sector,
 * and the supply may fail at any byte of either. The contents outlast the host that used them: a test passes
 * the same FlashHost to the next LogicHost, which is the next life of the BMC.
 */
import { contract } from "../../abi/contract.ts";
import { Random } from "../chip/random.ts";
import { Flash as FlashResult } from "../generated/abi.ts";

const { regionBytes, sectorBytes } = contract.flash;

/** The supply failed in the middle of an operation, and the logic's life ends here. */
export class PowerCut extends Error {}

export interface FlashOperation {
  readonly kind: "program" | "erase";
  readonly offset: number;
  readonly length: number;
}

export class FlashHost {
  readonly bytes = new Uint8Array(regionBytes).fill(0xff);
  readonly eraseCounts = new Array<number>(regionBytes / sectorBytes).fill(0);
  programs = 0;
  /** Number of bytes programmed or erased so far. A cut can be at any of these steps. */
  steps = 0;
  /** The supply fails at this step and leaves it half done. */
  cutAt = Number.POSITIVE_INFINITY;
  /**
   * The state that a cut leaves. "orderly": the operation is done byte by byte up to the cut. "scattered":
   * each of its bytes is in a state of its own.
   */
  wreck: "orderly" | "scattered" = "orderly";
  /** The result of an operation. If it is not OK, the operation is left half done. */
  fault: (operation: FlashOperation) => number = () => FlashResult.OK;
  onOperation: (operation: FlashOperation) => void = () => {};

  readonly #random: Random;

  constructor(seed = 1) {
    this.#random = new Random(seed, "flash wreck");
  }

  /** Copies the contents of another, so that a test can try several continuations of one history. */
  copyFrom(other: FlashHost): void {
    this.bytes.set(other.bytes);
    this.eraseCounts.splice(0, this.eraseCounts.length, ...other.eraseCounts);
  }

  program(offset: number, data: Uint8Array): number {
    const after = data.map((byte, index) => byte & (this.bytes[offset + index] as number));
    this.programs++;
    const result = this.#operate({ kind: "program", offset, length: data.length }, after);
    if (result !== FlashResult.OK) return result;
    return data.every((byte, index) => this.bytes[offset + index] === byte) ? result : FlashResult.MISMATCH;
  }

  erase(sector: number): number {
    (this.eraseCounts[sector] as number) += 1;
    const operation = { kind: "erase", offset: sector * sectorBytes, length: sectorBytes } as const;
    return this.#operate(operation, new Uint8Array(sectorBytes).fill(0xff));
  }

  #operate(operation: FlashOperation, after: Uint8Array): number {
    const { offset, length } = operation;
    this.onOperation(operation);
    if (this.steps + length > this.cutAt) {
      this.#leaveHalfDone(operation, after, this.cutAt - this.steps);
      throw new PowerCut(`${operation.kind} at ${offset}, byte ${this.cutAt - this.steps}`);
    }
    this.steps += length;
    const result = this.fault(operation);
    if (result === FlashResult.OK) this.bytes.set(after, offset);
    else this.#leaveHalfDone(operation, after, this.#random.below(length));
    return result;
  }

  #leaveHalfDone({ kind, offset }: FlashOperation, after: Uint8Array, cut: number): void {
    for (const [index, byte] of after.entries()) {
      const before = this.bytes[offset + index] as number;
      const isDone = this.wreck === "orderly" ? index < cut : this.#random.below(after.length) < cut;
      const isTouched = index === cut || (this.wreck === "scattered" && this.#random.below(2) === 0);
      if (isDone) this.bytes[offset + index] = byte;
      else if (isTouched) this.bytes[offset + index] = this.#halfWay(kind, before, byte);
    }
  }

  /** Programming goes from `before` to `after` bit by bit; erasing can pass through any value. */
  #halfWay(kind: FlashOperation["kind"], before: number, after: number): number {
    const some = this.#random.below(256);
    return kind === "program" ? before & (after | some) : some;
  }
}
