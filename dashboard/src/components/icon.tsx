/** The few pictograms of the pages. They decorate; words beside them carry the meaning. */
const paths = {
  overview: 'M4 20V10m6 10V4m6 16v-7m4 7H2',
  integrations: 'M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0zm6 9v4',
  phone: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1z',
  source: 'M4 12h11m0 0-4-4m4 4-4 4M13 4h6v16h-6',
  follow: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 5 5',
  key: 'M15 3a6 6 0 1 0-5.7 8L7 13v2H5v2H3v3h4l5-6a6 6 0 0 0 3-11zm1 4.5h.01',
  audit: 'M6 3h9l4 4v14H6zm3 8h7m-7 4h7M9 7h3',
  book: 'M12 6C10 4.5 7 4 4 4v15c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zm0 0v15',
  add: 'M12 5v14M5 12h14',
  trash: 'M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12 5 5 9-10',
  close: 'm6 6 12 12M18 6 6 18',
  menu: 'M4 6h16M4 12h16M4 18h16',
  alert: 'M12 8v5m0 3.5h.01M12 3 2.5 20h19z',
  info: 'M12 11v6m0-9.5h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  pause: 'M9 5v14m6-14v14',
  play: 'M7 4v16l13-8z',
  replay: 'M4 4v6h6M4.5 10A8 8 0 1 1 4 14',
  send: 'm3 11 18-8-7 18-3-8z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0-6v2m0 16v2M2 12h2m16 0h2M5 5l1.5 1.5m11 11L19 19M19 5l-1.5 1.5m-11 11L5 19',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  auto: 'M12 3a9 9 0 1 0 0 18zm0 0a9 9 0 0 1 0 18',
  exit: 'M10 4H5v16h5m-1-8h11m0 0-4-4m4 4-4 4',
  download: 'M12 4v11m0 0-5-5m5 5 5-5M4 20h16',
  edit: 'M4 20h4L19 9l-4-4L4 16z',
  back: 'M15 5l-7 7 7 7',
  forward: 'm9 5 7 7-7 7',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, large = false }: { readonly name: IconName; readonly large?: boolean }) {
  const size = large ? 24 : 18;
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0"
    >
      <path d={paths[name]} />
    </svg>
  );
}
