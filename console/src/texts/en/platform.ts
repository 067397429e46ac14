// platform.
export const platform = {};
