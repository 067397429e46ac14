// How well colours stand out from each other (WCAG 2.2, "contrast ratio").

/** The service's own colour, in mails and on pages of clients that have chosen none. */
export const PLAIN = "#1f5f3a";
const WHITE = "#ffffff";
const BLACK = "#000000";
/** The ground of the pages that a client's users see, light and dark. */
export const GROUNDS = { light: "#ffffff", dark: "#181b21" };

/** Whether a text is a colour such as `#1a6b4f`. */
export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** The ratio of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** White or black, whichever is easier to read on a colour: the one in which the service writes on it. */
export function readableOn(colour: string): string {
  return contrast(colour, BLACK) >= contrast(colour, WHITE) ? BLACK : WHITE;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
