// Every word that the console shows. A further language is one more object of the same type.
import { en } from "./en";

export type Texts = typeof en;

/** The texts in the reader's language. */
export const texts: Texts = en;
