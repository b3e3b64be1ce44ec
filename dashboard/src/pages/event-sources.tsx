export function EventSources() { return null; }
