/**
 * Walks through the ring of SMBus requests (host/smbus/smbus-requests.c) as it is compiled: every order of
 * writes, reads, repeated STARTs, STOPs and time-outs, and of a logic that takes a request at any moment or
 * not for long. Nothing that was acknowledged may be lost, change its place, or come twice.
 *
 * The model of the target around the ring (when it is open, which call belongs to which event) is from the
 * contract and from SMBus 3.2, 6.5: smbus-attacks.test.ts sends such messages to the whole firmware.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contract } from "../../../abi/contract.ts";
import { SmbusRequest } from "../../../simulator/generated/abi.ts";
import { BareMachine } from "../../../simulator/tools/bare.ts";
import { buildDirectory } from "../../support/simulated-slot.ts";

const { requests: PLACES, requestsKept: KEPT } = contract.smbus;
/** The target opens again when half of the places are free (smbus_target_reopen). */
const REOPENED_AT = PLACES / 2;
/** Memory behind everything that the firmware uses. */
const BYTES_AT = 0x2003_f000;
const TAKEN_AT = 0x2003_f100;
const FOLLOWED_AT = 0x2003_f200;

interface Entry {
  readonly kind: number;
  readonly tag: number;
}

/** Everything that decides what comes next. */
interface State {
  readonly memory: Uint8Array;
  readonly queue: readonly Entry[];
  /** Requests taken so far: the ring begins elsewhere after each. */
  readonly taken: number;
  readonly isOpen: boolean;
  readonly inMessage: boolean;
  /** The write under way in this message; null when there is none, or when a read has used it up. */
  readonly written: number | null;
  readonly steps: readonly string[];
}

class Ring {
  readonly #machine = new BareMachine(readFileSync(`${buildDirectory()}/firmware.elf`));
  readonly #state: Uint8Array;

  constructor() {
    const start = this.#machine.symbol("smbus");
    const next = Math.min(...[...this.#machine.symbols.values()].filter((address) => address > start));
    this.#state = this.#machine.memory(start, next - start);
  }

  get memory(): Uint8Array {
    return this.#state.slice();
  }

  set memory(bytes: Uint8Array) {
    this.#state.set(bytes);
  }

  #message(tag: number): readonly [number, number] {
    this.#machine.memory(BYTES_AT, 3).set([0x21, tag & 0xff, tag >> 8]);
    return [BYTES_AT, 3];
  }

  hasRoom(): boolean {
    return this.#machine.call("smbus_requests_have_room").r0 !== 0;
  }

  waiting(): number {
    return this.#machine.call("smbus_requests_waiting").r0;
  }

  putWrite(tag: number): void {
    this.#machine.call("smbus_requests_put_write", [...this.#message(tag), 0]);
  }

  putRead(tag: number): boolean {
    return this.#machine.call("smbus_requests_put_read", [...this.#message(tag), 7]).r0 !== 0;
  }

  putBrokenOff(): boolean {
    return this.#machine.call("smbus_requests_put_broken_off").r0 !== 0;
  }

  take(): Entry | null {
    const { r0: length } = this.#machine.call("smbus_requests_take", [TAKEN_AT, FOLLOWED_AT]);
    if (length === 0) return null;
    const [kind = 0, , , , , low = 0, high = 0] = this.#machine.memory(TAKEN_AT, length);
    return { kind, tag: kind === SmbusRequest.BROKEN_OFF ? 0 : low | (high << 8) };
  }
}

const ring = new Ring();
let tags = 0;

/** What may come next, each with its change of the state. Throws if the ring does what it must not. */
const EVENTS: Readonly<Record<string, (state: State, queue: Entry[]) => Partial<State> | null>> = {
  write(state, queue) {
    if (!state.inMessage && !state.isOpen) return null;
    if (state.written !== null) breakOff(queue);
    tags = (tags + 1) & 0xffff;
    return { inMessage: true, written: tags };
  },
  "repeated START, read"(state, queue) {
    if (!state.inMessage || state.written === null) return null;
    const hasPlace = PLACES - queue.length > KEPT;
    assert.equal(ring.putRead(state.written), hasPlace, "a read is refused only for the sake of writes");
    if (hasPlace) queue.push({ kind: SmbusRequest.READ, tag: state.written });
    return { written: null };
  },
  STOP(state, queue) {
    if (!state.inMessage) return null;
    if (state.written === null) return { inMessage: false };
    assert.ok(queue.length < PLACES, "an acknowledged write has a place");
    ring.putWrite(state.written);
    queue.push({ kind: SmbusRequest.WRITE, tag: state.written });
    return { inMessage: false, written: null, isOpen: ring.hasRoom() };
  },
  "time-out"(state, queue) {
    if (!state.inMessage) return null;
    if (state.written !== null) breakOff(queue);
    return { inMessage: false, written: null };
  },
  "the logic takes one"(state, queue) {
    const expected = queue.shift() ?? null;
    assert.deepEqual(ring.take(), expected);
    return { isOpen: state.isOpen || queue.length <= REOPENED_AT };
  },
};

function breakOff(queue: Entry[]): void {
  const isLikeLast = queue.at(-1)?.kind === SmbusRequest.BROKEN_OFF;
  assert.ok(isLikeLast || queue.length < PLACES, "a broken-off write has a place");
  assert.equal(ring.putBrokenOff(), !isLikeLast, "one after the other counts as one");
  if (!isLikeLast) queue.push({ kind: SmbusRequest.BROKEN_OFF, tag: 0 });
}

/** States are the same to the ring if they have the same of this. Older entries decide nothing. */
function keyOf({ queue, taken, isOpen, inMessage, written }: State): string {
  const isBroken = queue.at(-1)?.kind === SmbusRequest.BROKEN_OFF;
  return [taken % PLACES, queue.length, isBroken, isOpen, inMessage, written !== null].join();
}

/** Makes one event happen in a state. Returns the state after it, or null if it cannot come there. */
function after(from: State, name: string): State | null {
  const happen = EVENTS[name] as (typeof EVENTS)[string];
  ring.memory = from.memory;
  const queue = [...from.queue];
  const change = happen(from, queue);
  if (change === null) return null;
  assert.equal(ring.waiting(), queue.length);
  const taken = from.taken + (queue.length < from.queue.length ? 1 : 0);
  return { ...from, ...change, queue, taken, steps: [...from.steps, name], memory: ring.memory };
}

/** Empties the ring, which must hold exactly this. */
function assertHolds(queue: readonly Entry[]): void {
  for (const entry of queue) assert.deepEqual(ring.take(), entry);
  assert.equal(ring.take(), null);
}

test("no order of messages loses, repeats or reorders a request", (context) => {
  const start = { queue: [], taken: 0, isOpen: true, inMessage: false, written: null, steps: [] };
  const states = new Map<string, State>([["", { ...start, memory: ring.memory }]]);
  let transitions = 0;
  // Breadth first, so that the path to a fault is the shortest one: the map grows while it is walked.
  for (const from of states.values()) {
    for (const name of Object.keys(EVENTS)) {
      try {
        const state = after(from, name);
        if (!state) continue;
        transitions++;
        const key = keyOf(state);
        if (states.has(key)) continue;
        states.set(key, state);
        assertHolds(state.queue);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nafter: ${[...from.steps, name].join(", ")}`);
      }
    }
  }
  const fullest = Math.max(...[...states.values()].map(({ queue }) => queue.length));
  context.diagnostic(`${states.size} states, ${transitions} transitions, at most ${fullest} requests wait`);
  assert.equal(fullest, PLACES, "every place is used");
  assert.ok(transitions > 5000);
});
