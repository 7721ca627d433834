/** Generates the tables in docs/boards.md: for each board one of its pins and one of its limits. */
import type { BoardLimits, BoardSignal } from "../../boards/board.ts";
import { pagesOfRails, quantitiesOf, UNITS } from "../../boards/quantities.ts";
import { LIMITS, WATCHING } from "./limits.ts";
import type { LoadedBoard } from "./load.ts";

const BEGIN = "<!-- begin generated: tables, `npm run generate` -->";
const END = "<!-- end generated -->";

/** Pin tables and limits of these boards, as Markdown. */
export function boardPinTable(boards: readonly LoadedBoard[]): string {
  return boards.map(section).join("\n");
}

/** Replaces the text between the document's markers. If they are missing, it adds them at the end. */
export function withGeneratedSection(document: string, section: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END, begin);
  const block = `${BEGIN}\n\n${section}\n${END}`;
  if (begin < 0 || end < 0) return `${document.trimEnd()}\n\n${block}\n`.trimStart();
  return document.slice(0, begin) + block + document.slice(end + END.length);
}

function section(board: LoadedBoard): string {
  const { identity, smbus } = board;
  const taken = Object.entries(board.wired_gpios ?? {}).map(
    ([gpio, what]) => [Number(gpio), row([gpio, "", "", "", "", "", `not for signals: ${what}`])] as const,
  );
  const signals = Object.entries(board.signals).map(
    ([name, signal]) => [signal.gpio, signalRow(name, signal)] as const,
  );
  const rows = [...taken, ...signals].sort(([left], [right]) => left - right).map(([, text]) => text);
  const pages = pagesOfRails(board.rails);
  const rails = board.rails
    .map(({ name, nominal_mv }, index) => `${name} (${nominal_mv} mV, page ${pages[index]})`)
    .join(", then ");
  return [
    `### ${board.name}: ${board.title}`,
    "",
    board.description,
    "",
    `Flash ${board.flash.chip}, ${board.flash.bytes / 1024} KiB. Crystal stable after ${board.crystal_startup_ms} ms. Rails in power-up order: ${rails}.`,
    "",
    row(["GPIO", "signal", "direction", "active", "pull", "connector", "meaning"]),
    row(Array(7).fill("---")),
    ...rows,
    "",
    `${identity.manufacturer} ${board.name}, revision ${identity.revision}, ${day(identity.date)}. ` +
      `SMBus address of slot 0: ${hex(smbus.address)}. ${monitor(board)} Limits:`,
    "",
    row(["quantity", ...COLUMNS.map(({ key }) => key.replaceAll("_", " "))]),
    row(Array(COLUMNS.length + 1).fill("---")),
    ...quantitiesOf(board).map(({ name, unit }) => limitRow(`${name} (${UNITS[unit]})`, board.limits[name])),
    "",
    `Over-current of ${board.protection.overcurrent_ma} mA is switched off in the interrupt, after ` +
      `${board.protection.overcurrent_rounds} conversions in a row, or 2 at full scale. Tries after a fault: in ` +
      `${board.protection.retry_pauses_ms.map((ms) => `${ms / 1000} s`).join(", ")}. When input power returns: ` +
      `${board.restore.policy}, after ${board.restore.settle_ms / 1000} s and ${board.restore.stagger_ms / 1000} s ` +
      "for each slot before it.",
    "",
  ].join("\n");
}

const COLUMNS = [...LIMITS, ...WATCHING];
function monitor({ power_monitor }: LoadedBoard): string {
  if (power_monitor === null) return "No power monitor.";
  const { chip, address, shunt_micro_ohm } = power_monitor;
  return `Power monitor: ${chip} on I2C0 at ${hex(address)}, shunt ${shunt_micro_ohm / 1000} mOhm.`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** A dash where there is no such limit. */
function limitRow(title: string, limits: BoardLimits | undefined): string {
  return row([title, ...COLUMNS.map(({ key }) => String(limits?.[key] ?? "-"))]);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Converts YYMMDD of this century to ISO 8601. */
function day(date: string): string {
  return date.replace(/^(..)(..)(..)$/, "20$1-$2-$3");
}

function signalRow(name: string, signal: BoardSignal): string {
  const direction = signal.drive === "open-drain" ? "open drain" : (signal.direction ?? signal.function);
  const external = signal.external_pull === undefined ? [] : [`${signal.external_pull} (external)`];
  const pulls = [...(signal.pull === "none" ? [] : [signal.pull]), ...external].join(", ");
  const active = signal.function === "sio" ? signal.active : "";
  return row([String(signal.gpio), name, direction, active, pulls, signal.connector ?? "", signal.meaning]);
}
