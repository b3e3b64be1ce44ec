export function FollowEvent() { return null; }
