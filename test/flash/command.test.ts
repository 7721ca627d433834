/** Tests `npm run flash` as a user sees it: its output, its errors, its exit status. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { flash } from "../../flash/command.ts";
import { writeUf2 } from "../../flash/uf2.ts";
import { RP2350_INFO, temporaryFolder, volumeFolder } from "./bootsel.ts";

const IMAGE = writeUf2(
  Uint8Array.from({ length: 40_000 }, (_, index) => index & 0xff),
  0x1000_0000,
);

/** A project with two boards, of which only slot-hat is built, and a folder in which volumes appear. */
function desk(context: TestContext) {
  const folder = temporaryFolder(context);
  const project = join(folder, "project");
  const media = join(folder, "media");
  for (const path of [join(project, "boards"), join(project, "build/slot-hat"), media]) {
    mkdirSync(path, { recursive: true });
  }
  for (const name of ["slot-hat", "pico", "schema"])
    writeFileSync(join(project, `boards/${name}.json`), "{}");
  const imagePath = join(project, "build/slot-hat/firmware.uf2");
  writeFileSync(imagePath, IMAGE);
  let printed = "";
  let complained = "";
  const run = async (words: string[], onPrint: (text: string) => void = () => {}) => {
    const status = await flash(words, {
      project,
      directory: media,
      system: { platform: "linux", mounts: "", roots: [{ path: media, depth: 1 }] },
      terminal: false,
      print: (text) => {
        printed += text;
        onPrint(text);
      },
      complain: (text) => {
        complained += text;
      },
      restartDeadlineMs: 0,
    });
    return { status, printed, complained };
  };
  return { media, imagePath, run };
}

test("one board: flashed, with progress, and the restart reported as the verification", async (context) => {
  const { media, run } = desk(context);
  const volume = volumeFolder(join(media, "RPI-RP2"));
  const taken = join(media, "..", "taken");
  const { status, printed } = await run([], (text) => {
    if (text.includes("100 %")) renameSync(volume, taken);
  });
  assert.equal(status, 0);
  assert.deepEqual(readFileSync(join(taken, "FIRMWARE.UF2")), Buffer.from(IMAGE));
  assert.match(
    printed,
    /^writing slot-hat, 157 blocks, to .*RPI-RP2\n {2}0 %\n( {2}\d+ %\n)+verified: the board has restarted/,
  );
});

test("a volume that stays: read back, and the doubt reported", async (context) => {
  const { media, run } = desk(context);
  volumeFolder(join(media, "RPI-RP2"));
  const { status, printed } = await run([]);
  assert.equal(status, 0);
  assert.match(
    printed,
    /verified: every byte reads back as written, but .* cache\nnote: the volume is still there/,
  );
});

test("--volume names one, relative to where the command was typed", async (context) => {
  const { media, run } = desk(context);
  volumeFolder(join(media, "one"));
  volumeFolder(join(media, "two"));
  assert.equal((await run(["--volume", "two"])).status, 0);
  assert.deepEqual(readFileSync(join(media, "two/FIRMWARE.UF2")), Buffer.from(IMAGE));
});

test("another chip beside the right one is left alone", async (context) => {
  const { media, run } = desk(context);
  volumeFolder(join(media, "RP2350"), RP2350_INFO);
  volumeFolder(join(media, "RPI-RP2"));
  const { status, printed } = await run([]);
  assert.equal(status, 0);
  assert.match(printed, /to .*RPI-RP2\n/);
});

type Case = readonly [
  title: string,
  arrange: (desk: { media: string; imagePath: string }) => void,
  words: string[],
  status: number,
  message: RegExp,
];

const FAILURES: readonly Case[] = [
  ["no volume", () => {}, [], 1, /no board in BOOTSEL mode was found\. Hold the BOOTSEL button/],
  [
    "several volumes",
    ({ media }) => {
      volumeFolder(join(media, "one"));
      volumeFolder(join(media, "two"));
    },
    [],
    1,
    /several boards .* choose one with\n {2}--volume ".*one"\n {2}--volume ".*two"\n$/,
  ],
  [
    "only another chip",
    ({ media }) => volumeFolder(join(media, "RP2350"), RP2350_INFO),
    [],
    1,
    /RP2350 belongs to another chip \(Board-ID: RP2350\); an RP2040 says RPI-RP2/,
  ],
  [
    "another chip, named",
    ({ media }) => volumeFolder(join(media, "v"), RP2350_INFO),
    ["--volume", "v"],
    1,
    /belongs to another chip/,
  ],
  ["a named folder that is none", () => {}, ["--volume", "v"], 1, /v is not a folder\. Hold/],
  [
    "a named folder that is no volume",
    ({ media }) => mkdirSync(join(media, "v")),
    ["--volume", "v"],
    1,
    /v is not the volume of a board in BOOTSEL mode: it has no INFO_UF2\.TXT/,
  ],
  [
    "a board not built",
    () => {},
    ["--board", "pico"],
    1,
    /not built yet\. Run: npm run build -- --board pico\n$/,
  ],
  [
    "an image of another engine that is not built",
    () => {},
    ["--engine", "wasm3"],
    1,
    /slot-hat-wasm3\/firmware\.uf2 is not built yet\. Run: npm run build -- --board slot-hat --engine wasm3\n$/,
  ],
  ["an unknown engine", () => {}, ["--engine", "v8"], 2, /there is no engine "v8"; known: aot, wasm3/],
  [
    "an image for another chip",
    ({ imagePath }) => {
      const image = readFileSync(imagePath);
      image.writeUInt32LE(0xe48bff59, 28);
      writeFileSync(imagePath, image);
    },
    [],
    1,
    /is not an image for this board: .*another chip.* Run: npm run build -- --board slot-hat\n$/,
  ],
  [
    "half an image",
    ({ imagePath }) => writeFileSync(imagePath, IMAGE.subarray(0, 5120)),
    [],
    1,
    /is not an image for this board: the UF2 file is incomplete/,
  ],
  ["an unknown board", () => {}, ["--board", "pica"], 2, /there is no board "pica"; known: .*pico/],
  ["a board that is a path", () => {}, ["--board", "../slot-hat"], 2, /there is no board/],
  [
    "an unknown option",
    () => {},
    ["--bord", "pico"],
    2,
    /Unknown option '--bord'[\s\S]*usage: npm run flash/,
  ],
  ["an option without its value", () => {}, ["--board"], 2, /argument missing[\s\S]*usage: npm run flash/],
  ["a stray word", () => {}, ["slot-hat"], 2, /Unexpected argument 'slot-hat'[\s\S]*usage: npm run flash/],
];

for (const [title, arrange, words, status, message] of FAILURES) {
  test(`${title}: exit status ${status} and the next step`, async (context) => {
    const { run, ...place } = desk(context);
    arrange(place);
    const result = await run(words);
    assert.equal(result.status, status);
    assert.match(result.complained, /^flash: /);
    assert.match(result.complained, message);
    assert.equal(result.printed, "");
  });
}

test("--help needs neither image nor board", async (context) => {
  const { run } = desk(context);
  const { status, printed, complained } = await run(["--help"]);
  assert.equal(status, 0);
  assert.match(printed, /^usage: npm run flash/);
  assert.equal(complained, "");
});

test("the program itself: an unknown option is an error on stderr", () => {
  const project = fileURLToPath(new URL("../..", import.meta.url));
  const options = ["--import", "tsx", "flash/flash.ts", "--nonsense"];
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { cwd: project, encoding: "utf8" });
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^flash: Unknown option '--nonsense'/);
});
