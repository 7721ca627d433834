/**
 * Two devices at one address, such as two boards whose straps say the same slot. Both acknowledge and both
 * answer, and SDA is low where one of them pulls it low: the controller reads the AND of the two answers. An
 * answer that they have in common comes through, with its PEC. Where they differ, as in the serial number,
 * the PEC does not fit, and the wrong bytes are the same each time, as those of a disturbed bus are not.
 *
 * Unseen remain a second device that answers FFh, or nothing but an acknowledge, two boards without a serial
 * number, and one pair in 256, whose AND has a PEC that fits by chance.
 */
import { BadAnswerError, BadPecError, type SmbusBus, SmbusError } from "./bus.ts";
import { COMMANDS } from "./generated/commands.ts";
import { Messages } from "./messages.ts";
import { isSilence, Refusals } from "./refusals.ts";

/** Our choice: a disturbance that hits three answers in the same way is none. */
const QUESTIONS = 3;

/** Whether two devices answer at the address. One message where there is one device, and five where not. */
export async function isShared(bus: SmbusBus, address: number): Promise<boolean> {
  const messages = new Messages(bus, address, true);
  try {
    const wrong = await wrongSerial(messages);
    if (wrong === null) return false;
    if (isSilence(wrong)) {
      await new Refusals(messages).takeInvalidCommand(); // the device has no serial number
      return false;
    }
    // A device that knows no PEC has a wrong one here as well.
    await messages.read(COMMANDS.CAPABILITY.code, 1);
    return true;
  } catch (error) {
    if (error instanceof SmbusError) return false;
    throw error;
  }
}

/** The serial number with a PEC that does not fit, if it comes like that each time; else null. */
async function wrongSerial(messages: Messages): Promise<Uint8Array | null> {
  let first: Uint8Array | null = null;
  for (let asked = 0; asked < QUESTIONS; asked++) {
    const answer = await wrongAnswer(messages);
    if (answer === null || (first !== null && Buffer.compare(answer, first) !== 0)) return null;
    first = answer;
  }
  return first;
}

async function wrongAnswer(messages: Messages): Promise<Uint8Array | null> {
  try {
    await messages.readBlock(COMMANDS.MFR_SERIAL.code);
    return null;
  } catch (error) {
    if (error instanceof BadPecError || error instanceof BadAnswerError) return error.answer;
    throw error;
  }
}
