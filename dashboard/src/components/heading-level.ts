/** How deep a heading stands: below the page's own, or below that of the section around it. */
import { createContext } from 'react';

export const HeadingLevel = createContext<2 | 3>(2);
