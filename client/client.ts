/**
 * A slot on the SMBus, by the names of its command table: `get("READ_VIN")` returns volts,
 * `set("MFR_IDENTIFY", "ON")` checks its arguments before it sends anything. The client carries out one call
 * after another, because a paged command is two messages that belong together. Another controller that writes
 * PAGE between the two would change the page of the second, so a slot has one client at a time.
 */
import { AbsentError, PageError, type SmbusBus } from "./bus.ts";
import { BLOCK_BYTES, COMMANDS, type CommandName } from "./generated/commands.ts";
import { voutExponent } from "./linear.ts";
import { Messages } from "./messages.ts";
import { KnownRails, type Rail } from "./rails.ts";
import { isSilence, Refusals, silenceIn, type Written } from "./refusals.ts";
import type { PageOption, SlotCommands } from "./slot-commands.ts";
import { minimalOf, type SlotStatus, statusOf } from "./status.ts";
import { type Chunk, type ReadFrom, readConsole, readLog } from "./stream.ts";
import {
  type CallName,
  type CallOf,
  type Command,
  decodeFields,
  decodeValue,
  encodeFields,
  encodeValue,
  type FieldValues,
  numberOf,
  type ReadableName,
  type SendName,
  type Setting,
  type SettingOf,
  ValueError,
  type ValueOf,
  type WritableName,
} from "./values.ts";

export interface ClientOptions {
  /** Whether messages carry a packet error code. Default: yes. */
  readonly pec?: boolean;
  /** Reads STATUS_CML and MFR_COUNTERS after every write, and throws where it was refused. Default: no. */
  readonly verify?: boolean;
}

export class SlotClient implements SlotCommands {
  readonly address: number;
  readonly #messages: Messages;
  readonly #refusals: Refusals;
  readonly #rails: KnownRails;
  readonly #verify: boolean;
  /**
   * The value of PAGE; null at first and after a failure, when the client has to read it. A BMC that restarts
   * has PAGE 0 again, which the client does not notice. So on another page it reads PAGE again: after a read,
   * whose answer it can drop, and before a write, which it could not undo. That costs one message for each,
   * and none on page 0, which is used most.
   */
  #page: number | null = null;
  readonly #exponents = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(bus: SmbusBus, address: number, options: ClientOptions = {}) {
    this.address = address;
    this.#messages = new Messages(bus, address, options.pec ?? true);
    this.#refusals = new Refusals(this.#messages);
    this.#rails = new KnownRails(this.#refusals);
    this.#verify = options.verify ?? false;
  }

  /**
   * Reads a command: a number in V, A, W or °C, a text, a set of bit names or an object of fields, as its
   * format in the table says. Throws an AbsentError where the device lacks it, a PageError where PAGE cannot
   * be turned, a ValueError for a page that the command does not have, and the errors of the bus.
   */
  get<N extends ReadableName>(name: N, option: PageOption = {}): Promise<ValueOf<N>> {
    const command: Command = COMMANDS[name];
    return this.#alone(async () => {
      const page = await this.#select(name, command, option);
      const bytes = await this.#read(name, command, page);
      const exponent = command.format === "linear16" ? await this.#exponent(name, page) : 0;
      return decodeValue(command, bytes, exponent) as ValueOf<N>;
    });
  }

  /**
   * Writes a command. Throws a ValueError or a LinearError for an impossible value, before it sends anything.
   */
  set<N extends WritableName>(name: N, value: SettingOf<N>, option: PageOption = {}): Promise<void> {
    const command: Command = COMMANDS[name];
    return this.#alone(async () => {
      const page = await this.#select(name, command, option);
      const exponent = command.format === "linear16" ? await this.#exponent(name, page) : 0;
      const data = encodeValue(command, value as Setting, exponent);
      if (data.length > BLOCK_BYTES)
        throw new ValueError(`${name} takes ${BLOCK_BYTES} bytes at once, these are ${data.length}`);
      await this.#verified({ name, where: () => this.#where(command, page), data }, () =>
        this.#writeOn(page, () =>
          command.write === "block"
            ? this.#messages.writeBlock(command.code, data)
            : this.#messages.write(command.code, data),
        ),
      );
      if (name === "PAGE") this.#page = null;
    });
  }

  /**
   * Sends a command without data. `page` is for those that concern one: CLEAR_FAULTS clears the registers of
   * PAGE and the common ones.
   */
  send(name: SendName, option: PageOption = {}): Promise<void> {
    return this.#alone(async () => {
      if (option.page !== undefined) await this.#turnTo(option.page);
      const written = { name, where: async () => "", data: new Uint8Array(0) };
      await this.#verified(written, () =>
        this.#writeOn(option.page ?? 0, () => this.#messages.write(COMMANDS[name].code)),
      );
    });
  }

  /** Makes a block write - block read process call: sends fields and returns the fields of the answer. */
  call<N extends CallName>(name: N, sent: CallOf<N>): Promise<ValueOf<N>> {
    const { code, callFields = [], fields = [] }: Command = COMMANDS[name];
    const data = encodeFields(callFields, sent as FieldValues);
    return this.#alone(async () => {
      return decodeFields(fields, await this.#messages.call(code, data)) as ValueOf<N>;
    });
  }

  powerOn(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "ON");
  }

  /** Asks the compute OS to shut down, then the rails go down. */
  powerOff(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "OFF");
  }

  forceOff(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "FORCE_OFF");
  }

  powerCycle(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "CYCLE");
  }

  reset(): Promise<void> {
    return this.set("MFR_POWER_COMMAND", "RESET");
  }

  /**
   * Returns the rails of the slot in the order of their pages, with the names that MFR_RAIL returns. The
   * client reads them once. PAGE is afterwards what it was. Firmware without MFR_RAIL has two rails, named
   * "page 0" and "page 1". Where WRITE_PROTECT ALL keeps PAGE, the rails of the other pages are named in the
   * same way, and the next call asks again.
   */
  rails(): Promise<readonly Rail[]> {
    return this.#alone(async () => {
      const before = await this.#pageInForce();
      await this.#learn(before);
      for (const page of this.#rails.pages ?? []) {
        if (this.#rails.knows(page) || !(await this.#canTurnTo(page))) continue;
        await this.#learn(page);
      }
      await this.#turnTo(before);
      return this.#rails.list();
    });
  }

  /** Reads PAGE again before the next paged command. For use after other code has written it on this bus. */
  forgetPage(): Promise<void> {
    return this.#alone(async () => {
      this.#page = null;
    });
  }

  /**
   * Reads all status registers, power state, boot stage and the last power fault. Clears nothing. It works in
   * the minimal state too, where it returns what the BMC answers.
   */
  status(): Promise<SlotStatus> {
    return statusOf(this);
  }

  /** Returns why the BMC is in its minimal state, in which it runs no logic; null where it is not. */
  minimal(): Promise<string | null> {
    return minimalOf(this);
  }

  /**
   * Reads the boot log up to its newest byte: from a position, behind a chunk that was read before, or from
   * the oldest byte that is kept.
   */
  log(from?: ReadFrom): AsyncGenerator<Chunk> {
    return readLog(this, from);
  }

  /** Reads the output of the BMC's console, as `log` reads the boot log. */
  consoleOutput(from?: ReadFrom): AsyncGenerator<Chunk> {
    return readConsole(this, from);
  }

  // ---------------------------------------------------------------------- one after another

  /**
   * Does the work once all earlier work is done. A failure leaves PAGE unknown: it may have been written or
   * not.
   */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {
      this.#page = null;
    });
    return done;
  }

  /** Reads a command that #select has turned PAGE for. Throws an AbsentError where the device lacks it. */
  async #read(name: CommandName, command: Command, page: number): Promise<Uint8Array> {
    for (let tries = 0; tries < 2; tries++) {
      if (tries > 0) await this.#turnTo(page);
      const bytes = await this.#bytesIfThere(command);
      if (!(await this.#isStillOn(page))) continue;
      if (bytes !== null) return bytes;
      throw new AbsentError(this.address, name, await this.#where(command, page));
    }
    throw this.#pageError(page, await this.#pageInForce(), false);
  }

  /**
   * A slot cannot refuse a command on the wire. One that does not exist reads as silence, and STATUS_CML says
   * so afterwards. The client asks twice, because the bit may be older than the question, and clears it each
   * time. Returns null where the device lacks the command.
   */
  async #bytesIfThere(command: Command): Promise<Uint8Array | null> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        const bytes = await this.#ask(command);
        const isSuspect = !this.#messages.pec && isSilence(bytes);
        if (!isSuspect || !(await this.#refusals.takeInvalidCommand())) return bytes;
      } catch (error) {
        if (!silenceIn(error) || !(await this.#refusals.takeInvalidCommand())) throw error;
      }
    }
    return null;
  }

  async #ask(command: Command): Promise<Uint8Array> {
    if (command.read === "block") return this.#messages.readBlock(command.code);
    return this.#messages.read(command.code, command.read === "word" ? 2 : 1);
  }

  /** Turns PAGE to a page that the command has, and returns that page. */
  async #select(name: CommandName, { pages }: Command, { page }: PageOption): Promise<number> {
    if (pages === undefined) return 0;
    const wanted = page ?? pages[0] ?? 0;
    if (!pages.includes(wanted)) {
      // The table has the pages of the largest board. To ask how many there are is not worth a message.
      const there = pages.filter((one) => this.#rails.pages?.includes(one) ?? true);
      const most = pages.length > 1 && this.#rails.pages === null ? " at most" : "";
      throw new ValueError(`${name} has no page ${wanted}; it has ${this.#labels(there)}${most}`);
    }
    await this.#turnTo(wanted);
    return wanted;
  }

  /** The value of PAGE. */
  async #pageInForce(): Promise<number> {
    this.#page ??= numberOf(await this.#messages.read(COMMANDS.PAGE.code, 1));
    return this.#page;
  }

  /** Whether PAGE is still what the client has turned it to; false where the BMC has restarted meanwhile. */
  async #isStillOn(page: number): Promise<boolean> {
    if (page === 0) return true;
    this.#page = null;
    return (await this.#pageInForce()) === page;
  }

  /** Makes sure of PAGE right before a write. `page` is 0 for a command without pages. */
  async #writeOn(page: number, write: () => Promise<void>): Promise<void> {
    if (!(await this.#isStillOn(page))) await this.#turnTo(page);
    await write();
  }

  /** Reads the rail of `page`, the page in force, unless its name is known. */
  async #learn(page: number): Promise<void> {
    if (this.#rails.knows(page)) return;
    await this.#rails.learn(page);
    if (!(await this.#isStillOn(page))) this.#rails.forget(page);
  }

  /** Writes PAGE unless it has this value. Throws a ValueError for a page that the board does not have. */
  async #turnTo(page: number): Promise<void> {
    const before = await this.#pageInForce();
    if (before === page) return;
    // Asks first, twice: a write that is refused would leave a bit in the status registers.
    await this.#learn(before);
    const pages = this.#rails.pages ?? [];
    if (!pages.includes(page))
      throw new ValueError(`the board has no page ${page}; it has ${this.#labels(pages)}`);
    if (await this.#refusals.pageIsProtected()) throw this.#pageError(page, before, true);
    await this.#messages.write(COMMANDS.PAGE.code, Uint8Array.of(page));
    // The wire does not show whether the slot took it, and the next command must not concern the wrong rail.
    this.#page = null;
    const current = await this.#pageInForce();
    if (current !== page) throw this.#pageError(page, current, false);
  }

  /** Turns PAGE, and returns whether the slot took it. */
  async #canTurnTo(page: number): Promise<boolean> {
    try {
      await this.#turnTo(page);
      return true;
    } catch (error) {
      if (error instanceof PageError) return false;
      throw error;
    }
  }

  #pageError(page: number, current: number, isProtected: boolean): PageError {
    return new PageError(this.address, this.#rails.label(page), this.#rails.label(current), isProtected);
  }

  /** "0 (5V), 1 (3V3_AUX)". */
  #labels(pages: readonly number[]): string {
    return pages.map((page) => this.#rails.label(page)).join(", ");
  }

  /** " on page 1 (3V3_AUX)" for a paged command, else nothing. `page` is in force, so its name is there. */
  async #where({ pages }: Command, page: number): Promise<string> {
    if (pages === undefined) return "";
    await this.#learn(page);
    return ` on page ${this.#rails.label(page)}`;
  }

  /**
   * The exponent of LINEAR16, from VOUT_MODE of the page now selected. It never changes. `name` is the
   * command that needs it, for the message.
   */
  async #exponent(name: CommandName, page: number): Promise<number> {
    const known = this.#exponents.get(page);
    if (known !== undefined) return known;
    const exponent = voutExponent(numberOf(await this.#read(name, COMMANDS.VOUT_MODE, page)));
    this.#exponents.set(page, exponent);
    return exponent;
  }

  #verified(written: Written, write: () => Promise<void>): Promise<void> {
    return this.#verify ? this.#refusals.verified(written, write) : write();
  }
}
