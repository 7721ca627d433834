/**
 * A bus of Linux, /dev/i2c-N, by `i2ctransfer` of i2c-tools: one child process for each message. It sends
 * plain I2C messages, so it works on adapters that know no SMBus block reads, as that of a Raspberry Pi. A
 * block is read at its greatest length and cut to its count; a slot sends FFh behind its end.
 */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ArbitrationLostError,
  BusTimeoutError,
  hexAddress,
  NoAnswerError,
  NotAcknowledgedError,
  type SmbusBus,
} from "@racklet/client";
import { Interrupted } from "../runner.ts";
import { AddressInUseError, BusUnusableError } from "./linux-errors.ts";
import { type Connection, interruptible } from "./session.ts";

/** The address of slot 0 on the reference board and on all boards that extend it. */
const BASE_ADDRESS = 0x10;
const LARGEST_BLOCK = 32;
/** Our choice: a message takes some milliseconds, and the kernel gives up one that stands still after 1 s. */
const LONGEST_MESSAGE_MS = 10_000;
/** Distributions put i2c-tools into folders that a user's PATH need not have. */
const TOOL_FOLDERS = "/usr/sbin:/sbin";
const PAUSE_STEP_MS = 50;

/** How a run of i2ctransfer ended. */
interface Outcome {
  readonly out: string;
  /** Its complaint, or an empty text where it did what it was asked for. */
  readonly complaint: string;
}

export class LinuxBus implements SmbusBus {
  readonly #bus: number;
  readonly #tool: string;
  /** Whether a message has come through: then a bus that is missing has vanished meanwhile. */
  #wasThere = false;
  /** Whether the adapter sends messages without data. */
  #knowsEmpty = true;

  /** `tool`: the program to run, which a test replaces. */
  constructor(bus: number, tool = "i2ctransfer") {
    this.#bus = bus;
    this.#tool = tool;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) await this.#transfer(address, [writing(address, bytes)], 0);
    else if (!(await this.#answers(address))) throw new NoAnswerError(address);
  }

  async read(address: number, sent: Uint8Array, length: number | "block", extra = 0): Promise<Uint8Array> {
    const most = (length === "block" ? 1 + LARGEST_BLOCK : length) + extra;
    const parts = sent.length > 0 ? [writing(address, sent)] : [];
    const answer = await this.#transfer(address, [...parts, [`r${most}@${hexAddress(address)}`]], most);
    // A count that is too large leaves the answer at its greatest length, and the client refuses it.
    return length === "block" ? answer.subarray(0, 1 + (answer[0] ?? 0) + extra) : answer;
  }

  async #transfer(address: number, parts: readonly string[][], length: number): Promise<Uint8Array> {
    const { out, complaint } = await this.#run(parts.flat());
    if (complaint !== "") {
      if (!isNotAcknowledged(complaint)) throw this.#problem(address, complaint);
      // Adapters have the same error for an address and for a byte that is not acknowledged.
      throw (await this.#answers(address)) ? new NotAcknowledgedError(address) : new NoAnswerError(address);
    }
    this.#wasThere = true;
    const bytes = Uint8Array.from((out.match(/0x[0-9a-f]{2}/g) ?? []).map(Number));
    if (bytes.length !== length)
      throw new BusUnusableError(
        `i2c-${this.#bus} gave ${bytes.length} bytes where it was asked for ${length}`,
      );
    return bytes;
  }

  /** Whether a device acknowledges the address. */
  async #answers(address: number): Promise<boolean> {
    const isEmpty = this.#knowsEmpty && !mustBeRead(address);
    const { complaint } = await this.#run([`${isEmpty ? "w0" : "r1"}@${hexAddress(address)}`]);
    if (isEmpty && /Operation not supported/.test(complaint)) {
      this.#knowsEmpty = false;
      return this.#answers(address);
    }
    if (complaint !== "" && !isNotAcknowledged(complaint)) throw this.#problem(address, complaint);
    this.#wasThere = true;
    return complaint === "";
  }

  #run(messages: readonly string[]): Promise<Outcome> {
    const env = { ...process.env, LC_ALL: "C", PATH: `${process.env.PATH ?? ""}:${TOOL_FOLDERS}` };
    const options = { env, timeout: LONGEST_MESSAGE_MS, maxBuffer: 65_536 };
    return new Promise((resolve, reject) => {
      execFile(this.#tool, ["-y", `${this.#bus}`, ...messages], options, (error, out, complaint) => {
        if (error === null && !/only \d+\/\d+ messages/.test(complaint)) resolve({ out, complaint: "" });
        else if (error?.code === "ENOENT") reject(new BusUnusableError(MISSING));
        else if (error?.signal === "SIGINT") reject(new Interrupted());
        else if (error?.killed) resolve({ out, complaint: "Connection timed out" });
        else resolve({ out, complaint: complaint.trim() || (error?.message ?? "no reason given") });
      });
    });
  }

  /** The error for a complaint of i2ctransfer; the texts behind the colon are those of the C library. */
  #problem(address: number, complaint: string): Error {
    const name = `i2c-${this.#bus}`;
    const because = complaint.split("\n")[0]?.replace(/^Error: /, "") ?? "";
    if (/Could not open .*: No such (file|device)/.test(complaint) || /: No such device$/m.test(complaint))
      return new BusUnusableError(this.#wasThere ? vanished(name) : noSuchBus(name));
    if (/Could not open .*: Permission denied/.test(complaint))
      return new BusUnusableError(
        `no permission for /dev/${name}: join its group with "sudo usermod -aG i2c $USER" and log in again`,
      );
    if (/does not have I2C transfers? capability/i.test(complaint))
      return new BusUnusableError(
        `the adapter of ${name} cannot send plain I2C messages (I2C_FUNC_I2C), as those inside PCs often cannot; ` +
          "use another adapter",
      );
    if (/Could not set address .*busy/.test(complaint)) return new AddressInUseError(address, this.#bus);
    if (/Connection timed out/.test(complaint)) return new BusTimeoutError(address);
    if (/Resource temporarily unavailable/.test(complaint)) return new ArbitrationLostError(address);
    if (/Operation not supported|only \d+\/\d+ messages/.test(complaint))
      return new BusUnusableError(
        `the adapter of ${name} says that it can send I2C messages, and refuses this one: use another adapter`,
      );
    return new BusUnusableError(`${name} failed: ${because}; "dmesg" may tell more`);
  }
}

const MISSING =
  'i2ctransfer is missing: install i2c-tools 4.0 or newer, for example with "sudo apt install i2c-tools"';

function writing(address: number, bytes: Uint8Array): string[] {
  return [`w${bytes.length}@${hexAddress(address)}`, ...[...bytes].map((byte) => `${byte}`)];
}

/** The errors that drivers of adapters have for a byte that is not acknowledged. */
function isNotAcknowledged(complaint: string): boolean {
  return /failed: (No such device or address|Remote I\/O error|Input\/output error)/.test(complaint);
}

/**
 * A message without data can lock the EEPROMs at these addresses, so i2cdetect asks them for a byte instead.
 */
function mustBeRead(address: number): boolean {
  return (address >= 0x30 && address <= 0x37) || (address >= 0x50 && address <= 0x5f);
}

function vanished(name: string): string {
  return `${name} has vanished: its adapter was unplugged or its driver unloaded; plug it in and try again`;
}

function noSuchBus(name: string): string {
  const there = readdirSync("/dev").filter((one) => /^i2c-\d+$/.test(one));
  const instead =
    there.length > 0
      ? `there are ${there.join(", ")}`
      : 'there is none: "sudo modprobe i2c-dev" makes them, and on a Raspberry Pi "sudo raspi-config" does';
  return `there is no /dev/${name}; ${instead}`;
}

/** A slot on a bus of Linux: its time is the clock's. */
export function onLinuxBus(number: number, baseAddress: number = BASE_ADDRESS): Connection {
  const bus = new LinuxBus(number);
  let interrupted = false;
  const until = async (isOver: () => boolean) => {
    while (!isOver()) {
      if (interrupted) throw new Interrupted();
      await sleep(PAUSE_STEP_MS);
    }
  };
  return {
    bus: interruptible(bus, () => interrupted),
    baseAddress,
    channels: null,
    pause: async (ms) => {
      const end = performance.now() + ms;
      await until(() => performance.now() + PAUSE_STEP_MS >= end);
      if (interrupted) throw new Interrupted();
      await sleep(Math.max(0, end - performance.now()));
    },
    interrupt: () => {
      interrupted = true;
    },
    resume: () => {
      interrupted = false;
    },
    idle: async (isOver) => {
      interrupted = false;
      await until(isOver);
    },
    start: async (address) => {
      try {
        await bus.write(address, new Uint8Array(0));
      } catch (error) {
        // A scan must work without the slot; every other command reports the same.
        if (!(error instanceof NoAnswerError || error instanceof AddressInUseError)) throw error;
      }
    },
  };
}
