// Registration and the first minutes.
export const onboarding = {};
