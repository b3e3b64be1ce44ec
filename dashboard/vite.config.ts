import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** While developing, the pages come from Vite and everything else from a Jackfield that runs already. */
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwind()],
  build: {
    outDir: 'dist',
    // the content security policy knows no data: URL for fonts and styles
    assetsInlineLimit: 0,
    // the polyfill is an inline script in older targets, and every browser of the target preloads by itself
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': server, '/session': server } },
});
