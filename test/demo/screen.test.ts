import { describe, expect, it } from 'vitest';
import { Screen } from '../../demo/screen.ts';

function recorded(isTTY: boolean, hasColors: boolean) {
  const written: string[] = [];
  return { written, screen: new Screen({ isTTY, write: (text) => written.push(text) }, hasColors) };
}

const erase = '\r\u001b[2K';

describe('the screen of the demo', () => {
  it('keeps one line that says how it goes on a terminal, below what has happened', () => {
    const { screen, written } = recorded(true, false);
    screen.progress('1 s');
    screen.progress('2 s');
    screen.say('down');
    screen.endProgress();
    screen.say('done');
    expect(written).toEqual([`${erase}1 s`, `${erase}2 s`, `${erase}down\n2 s`, erase, `${erase}done\n`]);
  });

  it('writes plain lines into a pipe', () => {
    const { screen, written } = recorded(false, false);
    screen.progress('1 s');
    screen.say('down');
    screen.endProgress();
    expect(written).toEqual(['1 s\n', 'down\n']);
  });

  it('paints only where colors are wanted', () => {
    expect(recorded(true, true).screen.paint('red', 'down')).toBe('\u001b[31mdown\u001b[39m');
    expect(recorded(true, false).screen.paint('red', 'down')).toBe('down');
  });
});
