// settings.
export const settings = {};
