/** The rails of the slot for the commands of one run. */
import type { Rail } from "@racklet/client";
import { safeLine } from "../safe-text.ts";
import type { Session } from "./session.ts";

/** The rails with their names, which come from the device and so are made safe for the terminal. */
export async function railsOf({ client }: Session): Promise<readonly Rail[]> {
  return (await client.rails()).map(({ page, name }) => ({ page, name: safeLine(name) }));
}
