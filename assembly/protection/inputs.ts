/**
 * What the power sequencer decides by, beside time. power.ts fills in the signals and trips; supervision.ts
 * adds what it makes of the readings.
 */
export class Inputs {
  /** Levels of the inputs. */
  signals: u32 = 0;
  /** Inputs that went away since the last step, however short, and those of them that went first. */
  fell: u32 = 0;
  fellFirst: u32 = 0;
  /** The fast over-current path has switched the outputs off. */
  tripped: bool = false;
  /** Input voltage within its warning limit, and beyond its fault limit. Neither holds between the two. */
  inputGood: bool = true;
  inputLost: bool = false;
  /** A fault limit that is exceeded, by its number (protection.ts), or -1. */
  limit: i32 = -1;
  /** The rail that limit is about, or -1 for all. */
  limitRail: i32 = -1;
  /** Power-on is inhibited: a sensor reads nonsense, or a fault limit is exceeded while nothing is on. */
  inhibited: bool = false;
}
