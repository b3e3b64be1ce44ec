export function PhoneNumbers() { return null; }
