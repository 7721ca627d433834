/** What is said of a sensor, and when: shorted, open, stuck, and good again. */
import { LINEAR_CODES } from "../../../assembly/generated/abi";
import { Health } from "../../../assembly/generated/vocabulary";
import { Expectation, NOTHING_CODES, SensorHealth } from "../../../assembly/sensors/health";

const MS: u64 = 1000;
const SETTLE_MS: u64 = 300;
const STUCK_MS: u64 = 1000;
/** A BMC that has been up for a month: times do not fit 32 bits. */
const START: u64 = 30 * 24 * 3600 * 1000 * MS;

let now: u64 = 0;
let sensor: SensorHealth = new SensorHealth();

beforeEach(() => {
  now = START;
  sensor = new SensorHealth();
});

/** Windows of 10 ms with noise, for so long; how often the verdict changed. */
function noisy(code: u32, expectation: Expectation, ms: u64): i32 {
  return shows(code, code + 3, expectation, ms);
}

function shows(minimum: u32, maximum: u32, expectation: Expectation, ms: u64): i32 {
  let changes = 0;
  for (let spent: u64 = 0; spent < ms; spent += 10) {
    if (sensor.step(now, minimum, maximum, expectation)) changes++;
    now += 10 * MS;
  }
  return changes;
}

const Something = Expectation.Something;
const Nothing = Expectation.Nothing;
const Unknown = Expectation.Unknown;

describe("a sensor", () => {
  test("that shows what is expected is good, from the first window on", () => {
    expect(noisy(2000, Something, 5000)).toBe(0);
    expect(noisy(5, Nothing, 5000)).toBe(0);
    expect(noisy(2000, Unknown, 5000)).toBe(0);
    expect(noisy(0, Unknown, 5000)).toBe(0);
    expect(sensor.health).toBe(Health.Good);
  });

  test("that shows nothing where something must be is shorted after 300 ms, and good 300 ms after", () => {
    expect(shows(0, 0, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Good);
    expect(sensor.step(now, 0, 0, Something)).toBe(true);
    expect(sensor.health).toBe(Health.Shorted);
    expect(shows(0, 0, Something, 5000)).toBe(0, "told once");
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("is shorted below 16 codes and not at 16", () => {
    expect(shows(0, NOTHING_CODES, Something, 5000)).toBe(0);
    expect(shows(0, NOTHING_CODES - 1, Something, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Shorted);
  });

  test("found shorted stays so until it shows something or is mended; not where a board was the witness", () => {
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(shows(0, 0, Nothing, 5000)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(sensor.mend()).toBe(true);
    expect(sensor.health).toBe(Health.Good);
    expect(sensor.mend()).toBe(false, "there is nothing to mend any more");
    sensor = new SensorHealth(false);
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(shows(0, 0, Nothing, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("is proven once it has moved, or shows nothing, which is no claim", () => {
    expect(shows(2000, 2000, Unknown, 100)).toBe(0);
    expect(sensor.proven).toBe(false);
    expect(shows(2000, 2001, Unknown, 10)).toBe(0);
    expect(sensor.proven).toBe(true);
    sensor = new SensorHealth();
    expect(shows(0, 0, Nothing, 10)).toBe(0);
    expect(sensor.proven).toBe(true);
  });

  test("that nothing comes from is silent at once, and good 300 ms after it is heard again", () => {
    expect(sensor.fallSilent()).toBe(true);
    expect(sensor.fallSilent()).toBe(false);
    expect(sensor.health).toBe(Health.Silent);
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("that shows nothing where nothing or nobody knows what must be is not shorted", () => {
    expect(shows(0, 0, Nothing, 5000)).toBe(0);
    expect(shows(0, 0, Unknown, 5000)).toBe(0);
  });

  test("at full scale is open, whatever is expected, and one code below it is not", () => {
    for (let expectation = 0; expectation < 3; expectation++) {
      sensor = new SensorHealth();
      expect(shows(LINEAR_CODES - 17, LINEAR_CODES - 1, <Expectation>expectation, 5000)).toBe(
        expectation == <i32>Nothing ? 1 : 0,
      );
      sensor = new SensorHealth();
      expect(noisy(LINEAR_CODES - 16, <Expectation>expectation, 310)).toBe(1);
      expect(sensor.health).toBe(Health.Open);
    }
  });

  test("that shows more than a tenth where nothing can be is open", () => {
    expect(noisy(LINEAR_CODES / 10, Nothing, 5000)).toBe(0);
    expect(noisy(LINEAR_CODES / 10 + 1, Nothing, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
    expect(noisy(LINEAR_CODES / 10 + 1, Something, 310)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("without one code of noise is stuck after a second and 300 ms, good once it moves", () => {
    expect(noisy(2000, Something, 100)).toBe(0);
    expect(shows(2000, 2000, Something, STUCK_MS + SETTLE_MS)).toBe(0);
    expect(shows(2000, 2000, Something, 20)).toBe(1);
    expect(sensor.health).toBe(Health.Stuck);
    expect(noisy(2000, Something, SETTLE_MS)).toBe(0);
    expect(noisy(2000, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Good);
  });

  test("whose windows each stand still but differ moves", () => {
    for (let i = 0; i < 500; i++) {
      const code = 2000 + (i & 1);
      expect(sensor.step(now, code, code, Something)).toBe(false);
      now += 10 * MS;
    }
  });

  test("that stands still at nothing is not stuck: an empty rail is that quiet", () => {
    expect(shows(3, 3, Nothing, 5000)).toBe(0);
    expect(shows(NOTHING_CODES - 1, NOTHING_CODES - 1, Unknown, 5000)).toBe(0);
    expect(shows(NOTHING_CODES, NOTHING_CODES, Unknown, 5000)).toBe(1);
    expect(sensor.health).toBe(Health.Stuck);
  });

  test("whose contact comes and goes within 300 ms is not judged meanwhile", () => {
    for (let i = 0; i < 50; i++) {
      expect(shows(0, 0, Something, 290)).toBe(0);
      expect(noisy(2000, Something, 10)).toBe(0);
    }
    expect(sensor.health).toBe(Health.Good);
  });

  test("that goes from one trouble to another says so, after another 300 ms", () => {
    expect(shows(0, 0, Something, 310)).toBe(1);
    expect(noisy(LINEAR_CODES - 10, Something, SETTLE_MS)).toBe(0);
    expect(sensor.health).toBe(Health.Shorted);
    expect(noisy(LINEAR_CODES - 10, Something, 10)).toBe(1);
    expect(sensor.health).toBe(Health.Open);
  });

  test("is judged the same right after start, when time is near nothing", () => {
    now = 0;
    expect(shows(0, 0, Something, SETTLE_MS)).toBe(0);
    expect(shows(0, 0, Something, 10)).toBe(1);
  });
});
