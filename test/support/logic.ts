/** The built logic of a board under the Node host, with the steps that most tests take. */
import { existsSync, readFileSync } from "node:fs";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { LogicHost } from "../../simulator/logic-host/logic-host.ts";

export function builtLogic(board = "slot-hat"): Uint8Array {
  const path = new URL(`../../build/${board}/logic.wasm`, import.meta.url);
  if (!existsSync(path))
    throw new Error(`build/${board}/logic.wasm is missing: run npm run build -- --board ${board}`);
  return readFileSync(path);
}

export class LogicUnderTest {
  readonly host: LogicHost;

  constructor(signals: number = Signal.PRESENT) {
    this.host = new LogicHost(builtLogic());
    this.host.signals = signals;
    this.host.start();
    this.wait(1);
  }

  /** Lets emulated milliseconds pass. */
  wait(ms: number): void {
    this.host.advance(this.host.now_us + BigInt(Math.round(ms * 1000)));
  }

  /** Types text and returns what the console printed for it. */
  type(text: string): string {
    const before = this.host.ports[Port.CONSOLE].sent.length;
    this.host.receive(Port.CONSOLE, text);
    this.wait(1);
    return Buffer.from(this.host.ports[Port.CONSOLE].sent.slice(before)).toString("latin1");
  }

  /** Returns what the console has printed since `mark`. */
  printedSince(mark: number): string {
    return Buffer.from(this.host.ports[Port.CONSOLE].sent.slice(mark)).toString("latin1");
  }

  get printed(): number {
    return this.host.ports[Port.CONSOLE].sent.length;
  }

  bootLog(bytes: Uint8Array | string): void {
    this.host.receive(Port.COMPUTE, bytes);
    this.wait(1);
  }

  /** Brings the slot up with "power on" and supplies that follow. */
  powerOn(): void {
    this.type("power on\r");
    this.host.setInputs(Signal.PG_RAIL_0, Signal.PG_RAIL_0);
    this.wait(2);
    this.host.setInputs(Signal.PG_RAIL_1, Signal.PG_RAIL_1);
    this.wait(25);
  }

  asserted(signal: number): boolean {
    return (this.host.signals & signal) !== 0;
  }
}

/** A small seeded generator (xorshift32), so that a failing run can be repeated. */
export class Random {
  private state: number;
  constructor(readonly seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** Returns a number from 0 to below `limit`. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % limit;
  }
}
