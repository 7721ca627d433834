/**
 * The inputs of the power sequencer. power.ts fills in the signals, the trips and `printed`. supervision.ts
 * fills in what follows from the readings of the sensors.
 */
export class Inputs {
  /** Levels of the inputs. */
  signals: u32 = 0;
  /** Inputs that were deasserted since the last step, even if only for a moment. */
  fell: u32 = 0;
  /** Those of them that were deasserted first. */
  fellFirst: u32 = 0;
  /** The fast over-current path has switched the outputs off. */
  tripped: bool = false;
  /** The input voltage is not below its warning limit. */
  inputGood: bool = true;
  /** It is below its fault limit. Between the two limits it is neither good nor lost. */
  inputLost: bool = false;
  /** Index of a fault limit that is exceeded (see protection.ts), or -1. */
  limit: i32 = -1;
  /** The rail that this limit belongs to, or -1 if it belongs to all rails. */
  limitRail: i32 = -1;
  /**
   * Power-on is inhibited: a sensor is not trusted, or the input or the temperature is beyond a fault limit.
   */
  inhibited: bool = false;
  /**
   * The power-goods of the rails that are not enabled, and are fed from outside: their voltage is there, but
   * is no longer the supply's.
   */
  fed: u32 = 0;
  /** The compute board has printed since the last step. */
  printed: bool = false;
}
