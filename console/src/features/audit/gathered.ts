// Many askings become one call: what is asked for at the same moment goes out together.

/** Asks for names by ids; whoever is not found is left out. */
export type Ask = (ids: string[]) => Promise<[id: string, name: string][]>;

/** Return what asks for one name, null where there is none; at most `most` are asked for in one call. */
export function gathered(ask: Ask, most: number): (id: string) => Promise<string | null> {
  let open: { ids: string[]; names: Promise<Map<string, string>> } | null = null;
  async function sendLater(ids: string[]) {
    await Promise.resolve(); // whoever asks meanwhile goes along
    if (open?.ids === ids) open = null;
    return new Map(await ask(ids));
  }
  return async (id) => {
    if (open === null || open.ids.length >= most) {
      const ids: string[] = [];
      open = { ids, names: sendLater(ids) };
    }
    open.ids.push(id);
    return (await open.names).get(id) ?? null;
  };
}
