// tiers.
export const tiers = {};
