/* Where things are in the checkout, for the tests. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const APP = join(ROOT, "theranvio_telehealth");
