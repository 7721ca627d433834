/**
 * `npm start -- --serve`: keeps a simulated slot running and offers its SMBus and its consoles on sockets,
 * until Ctrl-C or a client ends it. However it ends, it removes its sockets.
 */
import { rmdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Speed } from "../../cli/runner.ts";
import { safeLine } from "../../cli/safe-text.ts";
import { NANOS_PER_SECOND } from "../devices/world.ts";
import type { Slot } from "../slot/slot.ts";
import { claim, listenAt, remove } from "./claim.ts";
import { ConsolePort } from "./console-port.ts";
import { ControlPort } from "./control-port.ts";
import { DEFAULT_NAME, makeFolder, type Place } from "./place.ts";
import { type Greeting, PROTOCOL } from "./protocol.ts";
import { Pty } from "./pty.ts";
import { ServedSlot } from "./served-slot.ts";

/** Time for the clients to get their last answers. */
const CLOSING_MS = 500;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Serves until it is ended; returns the exit status. Throws a UsageError where the place cannot be had. */
export async function serve(slot: Slot, place: Place, speed: Speed): Promise<number> {
  // A folder that the user has made for the sockets stays; one in the runtime directory is the server's own.
  const isOwn = makeFolder(place) || place.name !== place.folder;
  return await new Serving(slot, place, speed, isOwn).run();
}

class Serving {
  readonly #slot: Slot;
  readonly #place: Place;
  readonly #isOwnFolder: boolean;
  readonly #served: ServedSlot;
  readonly #control: ControlPort;
  readonly #console: ConsolePort;
  readonly #compute: ConsolePort;
  readonly #ptys: Pty[] = [];
  /** True from the introduction to the end, while events are of interest. */
  #isIntroduced = false;
  #unshown = 0;

  constructor(slot: Slot, place: Place, speed: Speed, isOwnFolder: boolean) {
    this.#slot = slot;
    this.#place = place;
    this.#isOwnFolder = isOwnFolder;
    this.#served = new ServedSlot(slot, speed);
    const report = (event: string) => this.#report(event);
    this.#console = new ConsolePort({
      name: "the BMC's console",
      type: (bytes) => this.#served.type(bytes),
      report,
    });
    // The simulated compute board reads nothing, so what is typed there goes nowhere.
    this.#compute = new ConsolePort({
      name: "the compute board's console",
      type: (bytes) => bytes.length,
      report,
    });
    // Each pseudo-terminal is a client of its socket, with or without a terminal program on it.
    const clients = () =>
      this.#control.attached + this.#console.attached + this.#compute.attached - this.#ptys.length;
    this.#control = new ControlPort(
      { served: this.#served, clients, report, stop: () => this.#served.end() },
      () => this.#greeting(),
    );
    slot.terminal.onData((bytes) => this.#console.print(bytes[0] as number));
    slot.compute.onByte((byte) => this.#compute.print(byte));
    this.#served.onStep(() => {
      this.#console.step();
      this.#compute.step();
    });
  }

  async run(): Promise<number> {
    const { console, compute } = this.#place;
    await claim(this.#control.listener, this.#place);
    // A signal may come while the sockets are made, and the process may exit on another way.
    const end = () => this.#served.end();
    const cleanUp = () => this.#cleanUp();
    for (const signal of SIGNALS) process.on(signal, end);
    process.on("exit", cleanUp);
    try {
      for (const [port, path] of [
        [this.#console, console],
        [this.#compute, compute],
      ] as const) {
        remove(path);
        await listenAt(port.listener, path);
      }
      await this.#openPtys();
      await this.#served.start();
      process.stdout.write(this.#introduction());
      this.#isIntroduced = true;
      await this.#served.run();
      await this.#close();
    } finally {
      cleanUp();
      process.off("exit", cleanUp);
      for (const signal of SIGNALS) process.off(signal, end);
    }
    return 0;
  }

  async #openPtys(): Promise<void> {
    for (const socket of [this.#place.console, this.#place.compute]) {
      const pty = await Pty.open(socket, (event) => this.#report(event));
      if (pty !== null) this.#ptys.push(pty);
    }
  }

  #greeting(): Greeting {
    const { board } = this.#slot;
    const slot = 0;
    return {
      program: "racklet-bmc",
      protocol: PROTOCOL,
      name: this.#place.name,
      pid: process.pid,
      board: board.name,
      slot,
      address: board.smbus.address + slot,
      sensors: board.sensors ?? {},
    };
  }

  #introduction(): string {
    const { name, console, compute } = this.#place;
    const isDefault = name === DEFAULT_NAME;
    const served = isDefault ? "--served" : `--served=${safeLine(name)}`;
    const attach = isDefault ? "--attach" : `--attach ${safeLine(name)}`;
    const slot = `npm run slot -- ${isDefault ? "" : `${served} `}`;
    const terminals = this.#ptys.map(({ path }) => path);
    const pty =
      terminals.length > 0
        ? [`  in screen or picocom      screen ${safeLine(terminals[0] as string)} 115200`]
        : [
            '  in screen or picocom      needs socat, which is not here: "sudo apt install socat", then start again',
          ];
    return [
      `A slot of board ${this.#slot.board.name} runs and is served as ${safeLine(name)}. In another terminal:`,
      "",
      `  be on its console         npm start -- ${attach}`,
      ...pty,
      `  talk to it over SMBus     npm run smbus -- ${served} status`,
      `  let something go wrong    ${slot}fault short-5v`,
      `  take it back              ${slot}fault clear short-5v`,
      `  what else can be done     npm run slot -- --help`,
      `  from a program            docs/serve.md, and the sockets`,
      `                            ${safeLine(this.#place.control)}`,
      `                            ${safeLine(console)}`,
      `                            ${safeLine(compute)}`,
      "",
      "Ctrl-C ends it.",
      "",
      "",
    ].join("\n");
  }

  /** Shows an event, unless the reader of the output is so slow that they would pile up. */
  #report(event: string): void {
    if (!this.#isIntroduced) return;
    if (process.stdout.writableNeedDrain) {
      this.#unshown++;
      return;
    }
    const seconds = (this.#slot.chip.nanos / NANOS_PER_SECOND).toFixed(3);
    const missing = this.#unshown > 0 ? `(${this.#unshown} events are not shown)\n` : "";
    this.#unshown = 0;
    process.stdout.write(`${missing}${seconds.padStart(10)} s  ${safeLine(event)}\n`);
  }

  /** Ends all connections in good order, as far as the clients let it. */
  async #close(): Promise<void> {
    this.#report("ends, and removes its sockets");
    this.#isIntroduced = false;
    for (const pty of this.#ptys) pty.close();
    const ports = [this.#control, this.#console, this.#compute];
    for (const port of ports) port.close();
    for (let waited = 0; waited < CLOSING_MS && ports.some(({ attached }) => attached > 0); waited += 20)
      await sleep(20);
    for (const port of ports) port.destroy();
  }

  #cleanUp(): void {
    for (const pty of this.#ptys) pty.close();
    const { control, console, compute, folder } = this.#place;
    for (const path of [control, console, compute]) remove(path);
    if (this.#isOwnFolder) removeFolder(folder);
  }
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has other files, or is gone.
  }
}
