/**
 * The scripted demonstration: power on, boot, sensors, graceful off, all through the BMC's console as a user
 * would do it. Each step adds its measurements to the result and everything unexpected to the problems. A
 * step that fails prevents later ones only where they would make no sense.
 */
import { NANOS_PER_MS } from "../devices/world.ts";
import {
  leadingNumber,
  rawLog,
  rawLogClosed,
  rawLogStart,
  reading,
  sensorRemarks,
  statusLines,
  unwrapped,
} from "./answers.ts";
import { describeEnd, panicBehind } from "./boot-end.ts";
import { milliseconds, type Result, sha256 } from "./result.ts";
import type { Session } from "./session.ts";

/** The goal is 150 ms from reset to the prompt. Beyond this limit something is broken. */
const PROMPT_TIMEOUT_MS = 3000;
/** How long a log without a prompt must be silent to count as ended. */
const SILENCE_MS = 3000;
/** The console is as fast as the log, so that captured bytes arrive soon after they were sent. */
const CATCH_UP_MS = 3000;
const SETTLE_MS = 200;

export interface Demonstration {
  readonly session: Session;
  readonly result: Result;
  readonly problems: string[];
  /** The step under way, for the message to a user who interrupts. */
  step: string;
}

export async function demonstrate(demonstration: Demonstration): Promise<void> {
  await start(demonstration);
  if (demonstration.problems.length > 0) return;
  const isOn = await powerOn(demonstration);
  if (isOn) {
    await followBoot(demonstration);
    await readSensors(demonstration);
  }
  await readStatus(demonstration, isOn);
  if (isOn) await powerOff(demonstration);
  await readStackAgain(demonstration);
}

async function start(demonstration: Demonstration): Promise<void> {
  const { session, problems } = demonstration;
  const { slot } = session;
  demonstration.step = "starting the BMC";
  session.transcript.heading("The BMC starts");
  const since = session.mark();
  slot.powerOn();
  if (await session.runner.until(() => session.atPrompt(since()), PROMPT_TIMEOUT_MS)) return;
  problems.push(
    slot.chip.state === "boot-rom"
      ? "the boot ROM found no valid second stage and waits for USB boot; build the image again"
      : `no console prompt within ${PROMPT_TIMEOUT_MS} ms of power-on; the chip is ${slot.chip.state}`,
  );
}

async function powerOn(demonstration: Demonstration): Promise<boolean> {
  const { session, result, problems } = demonstration;
  const { slot } = session;
  demonstration.step = "switching the compute board on";
  session.transcript.heading("Power on");
  const rails = slot.board.rails;
  const timeoutMs =
    2000 + slot.board.timing.run_delay_ms + rails.reduce((sum, rail) => sum + rail.power_good_timeout_ms, 0);
  const since = session.mark();
  await session.enter("power on");
  const settled = /power: on\r\n|power: fault[^\r]*\r\n|error: [^\r]*\r\n/;
  await session.runner.until(() => settled.test(since()) && session.atPrompt(since()), timeoutMs);
  result.rail_order = rails
    .map((rail) => ({ name: rail.name, nanos: slot.supplies[rail.name]?.cameUpAtNanos ?? null }))
    .filter((rail): rail is { name: string; nanos: number } => rail.nanos !== null)
    .sort((a, b) => a.nanos - b.nanos)
    .map((rail) => rail.name);
  if (slot.compute.releasedAtNanos !== null) {
    result.powered_on_at_ms = milliseconds(slot.compute.releasedAtNanos);
  }
  const answer = since();
  if (/power: on\r\n/.test(answer) && slot.compute.running) {
    const order = rails.map((rail) => rail.name).join(", ");
    const came = result.rail_order.join(", ");
    if (came !== order) problems.push(`the rails came up as ${came || "none"}, not as ${order}`);
    return true;
  }
  const reason =
    /(power: fault[^\r]*|error: [^\r]*)\r\n/.exec(unwrapped(answer))?.[1] ?? `nothing within ${timeoutMs} ms`;
  problems.push(`the compute board was not switched on; the BMC says: ${reason}`);
  return false;
}

async function followBoot(demonstration: Demonstration): Promise<void> {
  const { session, result, problems } = demonstration;
  const { slot, transcript, runner } = session;
  const { compute, terminal } = slot;
  demonstration.step = "following the boot log";
  transcript.heading("Boot log");
  const since = session.mark();
  await session.enter("log -f --raw");
  const { plan } = compute;
  const limitMs = plan.endNanos / NANOS_PER_MS + SILENCE_MS + 5000;
  const hasPrompt = plan.promptEnd !== null;
  const ended = () => compute.bootlogFinished && (!hasPrompt || compute.loginPromptReached);
  const isOver = () => !compute.running || (ended() && (hasPrompt || session.quietMs >= SILENCE_MS));
  const arrived = await runner.until(isOver, limitMs);
  const lostPower = !compute.running;
  const sent = compute.sent;
  await runner.until(() => delivered(since()) >= sent.length || session.quietMs > SETTLE_MS, CATCH_UP_MS);
  // The log may end in an imitation of the closing line and the prompt. Only the text after Ctrl-C counts.
  const sinceStop = session.mark();
  terminal.type("\x03");
  await runner.until(() => rawLogClosed(sinceStop()) && session.atPrompt(sinceStop()), CATCH_UP_MS);
  const captured = rawLog(since());
  transcript.endLine();
  result.bootlog_sent = sent.length;
  result.bootlog_sha256_sent = sha256(sent);
  if (captured) {
    result.bootlog_captured = captured.bytes.length;
    result.bootlog_dropped = captured.dropped;
    result.bootlog_sha256_captured = sha256(captured.bytes);
  }
  if (lostPower)
    problems.push(`the compute board stopped after ${sent.length} bytes of its log: it lost power`);
  else if (!arrived)
    problems.push(`the boot did not end within ${Math.round(limitMs / 1000)} s: ${describeSilence(sent)}`);
  else reportEnd(demonstration, plan.promptEnd, sent);
  compare(demonstration, sent, captured);
}

function delivered(text: string): number {
  const start = rawLogStart(text);
  return start ? text.length - start.offset : 0;
}

function describeSilence(sent: Uint8Array): string {
  return sent.length === 0
    ? "the compute board printed nothing"
    : `${sent.length} bytes came, no log-in prompt`;
}

function reportEnd({ session, problems }: Demonstration, promptEnd: number | null, sent: Uint8Array): void {
  const { compute } = session.slot;
  const { transcript } = session;
  transcript.say("");
  if (promptEnd === null) {
    problems.push(`the boot brought no log-in prompt: ${describeEnd(sent)}`);
    transcript.say("The log has ended without a log-in prompt, so no OS is up that could be asked to");
    transcript.say("shut down: at power-off the BMC will have to wait for its time-out and then force it.");
    return;
  }
  const seconds = ((compute.loginPromptAtNanos ?? 0) - (compute.releasedAtNanos ?? 0)) / 1e9;
  transcript.say(`The log-in prompt came ${seconds.toFixed(1)} s after the compute board was let run.`);
  const panic = panicBehind(sent, promptEnd);
  if (panic !== null) problems.push(`the kernel panicked after the log-in prompt: ${panic}`);
}

function compare(
  { session, problems }: Demonstration,
  sent: Uint8Array,
  captured: ReturnType<typeof rawLog>,
): void {
  if (!captured) {
    problems.push("the BMC's console did not hand over the boot log");
    return;
  }
  const same = Buffer.compare(Buffer.from(sent), Buffer.from(captured.bytes)) === 0;
  if (captured.dropped > 0) problems.push(`the BMC dropped ${captured.dropped} bytes of the boot log`);
  if (captured.fromByte > 0) problems.push(`the BMC's log begins only at byte ${captured.fromByte}`);
  if (same) session.transcript.say(`Sent and captured are equal: ${sent.length} bytes.`);
  else {
    const at = sent.findIndex((byte, index) => captured.bytes[index] !== byte);
    const where = at < 0 ? Math.min(sent.length, captured.bytes.length) : at;
    problems.push(
      `boot log sent (${sent.length} bytes) and captured (${captured.bytes.length} bytes) differ from byte ${where} on`,
    );
  }
}

async function readSensors(demonstration: Demonstration): Promise<void> {
  const { session, result, problems } = demonstration;
  demonstration.step = "reading the sensors";
  session.transcript.heading("Sensors");
  const answer = await ask(demonstration, "sensors");
  const { sensors } = session.slot.board;
  result.v5_mv = reading(answer, "V5");
  result.i5_ma = reading(answer, "I5");
  if (sensors.V5 && result.v5_mv === null) problems.push("the BMC gave no V5 reading");
  if (sensors.I5 && result.i5_ma === null) problems.push("the BMC gave no I5 reading");
  for (const remark of sensorRemarks(answer)) problems.push(`the BMC says of its sensors: ${remark}`);
}

/** The answer to a command. One that does not come is a problem, and an empty text. */
async function ask({ session, problems }: Demonstration, command: string): Promise<string> {
  const answer = await session.ask(command);
  if (answer === null) problems.push(`the BMC did not answer "${command}"`);
  return answer ?? "";
}

async function readStatus(demonstration: Demonstration, isOn: boolean): Promise<void> {
  const { session, result, problems } = demonstration;
  demonstration.step = "reading the status";
  session.transcript.heading("Status");
  const values = statusLines(await ask(demonstration, "status"));
  result.stack_high_water_bytes = leadingNumber(values.get("stack"));
  result.ram_used_bytes = leadingNumber(values.get("ram"));
  result.flash_used_bytes = leadingNumber(values.get("flash"));
  for (const [key, value] of Object.entries({
    stack: result.stack_high_water_bytes,
    ram: result.ram_used_bytes,
    flash: result.flash_used_bytes,
  })) {
    if (value === null) problems.push(`the BMC's status has no line "${key}"`);
  }
  const power = values.get("power") ?? "missing";
  if (isOn && session.slot.compute.powered && !/^on\b/.test(power)) {
    problems.push(`the BMC's status says power is ${power}, not on`);
  }
  reportFault(demonstration, values);
}

/** A fault in the status is a problem, unless an earlier step has reported it. */
function reportFault({ problems }: Demonstration, values: Map<string, string>): void {
  const fault = (values.get("fault") ?? "missing").replace(/ at [0-9.]+ s$/, "");
  const alreadyReported = problems.some((problem) => problem.includes(fault));
  if (fault !== "none" && !alreadyReported) problems.push(`the BMC's status says fault: ${fault}`);
}

/**
 * Reads the status again. `status` itself has the deepest stack, which only a later `status` can report, and
 * a fault may have come with power-off.
 */
async function readStackAgain(demonstration: Demonstration): Promise<void> {
  const { session, result } = demonstration;
  demonstration.step = "reading the status after power-off";
  session.transcript.heading("Status after power-off");
  const values = statusLines(await ask(demonstration, "status"));
  reportFault(demonstration, values);
  result.stack_high_water_bytes = leadingNumber(values.get("stack")) ?? result.stack_high_water_bytes;
}

async function powerOff(demonstration: Demonstration): Promise<void> {
  const { session, result, problems } = demonstration;
  const { slot, runner } = session;
  const { timing, rails } = slot.board;
  demonstration.step = "switching the compute board off";
  session.transcript.heading("Power off");
  const alreadyOff = !slot.compute.powered;
  const couldHalt = slot.compute.plan.promptEnd !== null;
  const timeoutMs =
    timing.shutdown_timeout_ms + rails.reduce((sum, rail) => sum + rail.discharge_timeout_ms, 0) + 5000;
  const since = session.mark();
  const enteredNanos = await session.enter("power off --yes");
  if (alreadyOff) {
    await runner.until(() => session.atPrompt(since()), CATCH_UP_MS);
    if (problems.length === 0) problems.push("the compute board was off before it was switched off");
    return;
  }
  const off = /power: off[^\r\n]*\r\n/;
  const railsDown = () =>
    Object.values(slot.supplies).every((supply) => !supply.enabled && supply.wentDownAtNanos);
  const done = await runner.until(
    () => off.test(since()) && railsDown() && session.atPrompt(since()),
    timeoutMs,
  );
  session.transcript.endLine();
  if (!done) {
    problems.push(`the slot was not off within ${Math.round(timeoutMs / 1000)} s of power off`);
    return;
  }
  const downNanos = Math.max(...Object.values(slot.supplies).map((supply) => supply.wentDownAtNanos ?? 0));
  const off_ms = milliseconds(downNanos - enteredNanos);
  const halted = /power: halted/.test(since());
  if (halted) result.graceful_off_ms = off_ms;
  else {
    const who = couldHalt ? "the compute OS did not halt" : "no OS was up that could halt";
    problems.push(`${who}; the BMC forced it off after ${Math.round(off_ms)} ms`);
  }
  if (!couldHalt && halted) problems.push("the BMC saw HALTED from a board that never got to an OS");
}
