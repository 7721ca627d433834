/** The power curve in the terminal: its size, its rows, the numbers beside it, and the characters it uses. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawPanel, panelRows } from "../../../simulator/start/curve-panel.ts";
import { curveStyle } from "../../../simulator/start/curve-style.ts";
import { RecentPower } from "../../../simulator/start/recent-power.ts";

const ASCII = curveStyle({ LANG: "C", NO_COLOR: "1" });
const BLOCKS = curveStyle({ LANG: "en_GB.UTF-8", NO_COLOR: "1" });
const MS = 1e6;

/** Samples from 0 to `seconds`: for each millisecond the function's value in milliwatts, at 5 V. */
function recorded(seconds: number, milliwatts: (ms: number) => number): RecentPower {
  const recent = new RecentPower();
  for (let ms = 0; ms <= seconds * 1000; ms++) {
    const power = milliwatts(ms);
    recent.add(ms * MS, [power, 5000, power / 5]);
  }
  return recent;
}

describe("power curve in the terminal", () => {
  it("appears where the console keeps enough rows, and on request in smaller terminals too", () => {
    const sizes = [
      [40, 10],
      [80, 24],
      [79, 60],
      [80, 30],
      [120, 40],
      [200, 50],
      [500, 200],
    ] as const;
    const heights = (wish: "on" | "auto") => sizes.map(([columns, rows]) => panelRows(wish, rows, columns));
    assert.deepEqual(heights("auto"), [0, 0, 0, 8, 10, 12, 14]);
    assert.deepEqual(heights("on"), [0, 6, 14, 8, 10, 12, 14]);
  });

  it("every row is as wide as the terminal, and there are as many rows as asked for", () => {
    const recent = recorded(70, (ms) => 2000 + 1900 * Math.sin(ms / 900));
    for (const style of [ASCII, BLOCKS, curveStyle({ LANG: "C.UTF-8" })]) {
      for (let columns = 40; columns < 320; columns += 7) {
        for (const rows of [6, 7, 8, 14]) {
          const panel = drawPanel(recent, style, rows, columns);
          assert.equal(panel.length, rows);
          for (const row of panel) {
            const plain = row.replace(/\x1b\[\d*m/g, "");
            assert.equal([...plain].length, columns, `${columns}x${rows}: ${plain}`);
            assert.equal(plain === row, !style.colours, "colours where they are wanted, and only there");
          }
        }
      }
    }
  });

  it("draws level stretches as high as the axis says, over time as the status line has it", () => {
    // 35 seconds of 3 W after 35 of 1 W: the axis ends at 3 W, and each of six rows is half a watt.
    const panel = drawPanel(
      recorded(70, (ms) => (ms < 35_000 ? 1000 : 3000)),
      ASCII,
      8,
      66,
    );
    assert.match(panel[0] ?? "", /^-- power of the compute board, last 60 s -+$/);
    assert.match(panel[1] ?? "", /^ {2}3 W {25}#{36}$/);
    assert.match(panel[4] ?? "", /^1\.5 W {25}#{36}$/);
    assert.match(panel[5] ?? "", /^ {6}#{60}$/);
    assert.match(panel[7] ?? "", /^ {2}0 W -+\+0:20-+\+0:30-+\+0:40-+\+0:50-+\+1:00-+$/);
    // The last column is the second that began at 70 s.
    assert.equal((panel[7] ?? "").indexOf("+1:00"), 65 - 10);
  });

  it("shows a dip and a peak of one millisecond, in the column they belong to", () => {
    const odd = (ms: number) => (ms === 40_500 ? 0 : ms === 50_500 ? 6000 : 3000);
    for (const style of [ASCII, BLOCKS]) {
      const panel = drawPanel(recorded(59.5, odd), style, 8, 66).slice(1, -1);
      const dipped = panel.map((row) => [...row.slice(6)].indexOf(style.dipped));
      const peaked = panel.map((row) => [...row.slice(6)].indexOf(style.peaked));
      // Half of the axis is solid; below it the dip shows, above it the peak.
      assert.deepEqual(dipped, [-1, -1, -1, 40, 40, 40]);
      assert.deepEqual(peaked, [50, 50, 50, -1, -1, -1]);
    }
  });

  it("shows the present numbers beside the curve, and small curves of lowest voltage and highest current", () => {
    const recent = new RecentPower();
    for (let ms = 0; ms <= 80_000; ms++) {
      const isDip = ms === 40_000;
      recent.add(ms * MS, [isDip ? 9000 : 2500, isDip ? 0 : 5000, isDip ? 4000 : 500]);
    }
    const panel = drawPanel(recent, ASCII, 8, 90).map((row) => row.slice(-24));
    assert.equal(panel[1], "  now      2.50 W       ");
    assert.equal(panel[2], "  highest  9.00 W       ");
    assert.match(panel[4] ?? "", /^ {2}5\.00 V #+ #+$/);
    assert.match(panel[5] ?? "", /^ {2}0\.50 A \.+#\.+$/);
  });

  it("is empty before the first sample, and discards samples that are older than it shows", () => {
    const empty = drawPanel(new RecentPower(), ASCII, 8, 90);
    assert.ok(empty.slice(1, -1).every((row) => !row.includes("#")));
    assert.match(empty[1] ?? "", /now {9}- W/);
    const recent = recorded(1, () => 50_000);
    for (let ms = 200_000; ms < 203_000; ms++) recent.add(ms * MS, [2000, 5000, 400]);
    assert.equal(recent.extent(0, 0, 1990), null);
    assert.equal(recent.extent(0, 0, 1e9)?.highest, 2000);
    assert.match(drawPanel(recent, ASCII, 8, 90)[1] ?? "", /^ {2}2 W/);
  });
});

describe("characters of the curve", () => {
  it("are blocks where the locale is UTF-8 and the terminal has them, ASCII elsewhere", () => {
    const isAscii = (environment: Record<string, string>) => {
      const { levels, dipped, peaked, rule, mark } = curveStyle(environment);
      return /^[ -~]+$/.test([...levels, dipped, peaked, rule, mark].join(""));
    };
    assert.equal(isAscii({ LANG: "en_US.UTF-8", TERM: "xterm-256color" }), false);
    assert.equal(isAscii({ LANG: "de_DE.utf8" }), false);
    assert.equal(isAscii({ LC_ALL: "C", LANG: "en_US.UTF-8" }), true, "LC_ALL goes before LANG");
    assert.equal(
      isAscii({ LC_ALL: "", LC_CTYPE: "C.UTF-8", LANG: "C" }),
      false,
      "an empty one counts as unset",
    );
    assert.equal(isAscii({ LANG: "en_US.UTF-8", TERM: "linux" }), true);
    assert.equal(isAscii({}), true);
  });

  it("have colours unless NO_COLOR says otherwise", () => {
    assert.equal(curveStyle({}).colours, true);
    assert.equal(curveStyle({ NO_COLOR: "" }).colours, true);
    assert.equal(curveStyle({ NO_COLOR: "1" }).colours, false);
  });
});
