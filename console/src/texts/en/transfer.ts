// Taking data out and in.
export const transfer = {};
