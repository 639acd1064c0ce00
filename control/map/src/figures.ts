// Numbers in words.

/** A number of bits with its unit's prefix, as short as possible. */
export function bits(a_second: number): string {
    return scaled(a_second, ["", "k", "M", "G", "T"], 1000);
}

/** A rate in bits per second. */
export function rate(a_second: number): string {
    return bits(a_second).replace(/[kMGT]?$/, (prefix) => ` ${prefix}bit/s`);
}

export function bytes(count: number): string {
    return scaled(count, [" bytes", " KiB", " MiB", " GiB"], 1024);
}

function scaled(count: number, units: string[], step: number): string {
    let [value, unit] = [count, 0];
    while (value >= step && unit < units.length - 1) [value, unit] = [value / step, unit + 1];
    return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

/** A number of seconds: `1 h 2 min`. */
export function duration(seconds: number): string {
    const whole = Math.floor(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
