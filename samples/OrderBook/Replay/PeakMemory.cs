// The most memory the process has held at once, as the operating system counts it: native and managed alike.
//
// Linux can start the count anew, so that the second heap's figure is its own; elsewhere the peak is that of the process so far.

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace OrderBook.Replay;

internal static class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string PeakLine = "VmHWM:";

    /// <summary>Starts the count anew.</summary>
    /// <returns>Whether the system can do that.</returns>
    public static bool TryReset()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            // 5 is the kernel's word for "reset the peak resident set size".
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static long Read()
    {
        // The runtime's own figure comes from a count that a reset does not reach.
        if (OperatingSystem.IsLinux() && File.Exists(Status))
        {
            foreach (string line in File.ReadLines(Status))
            {
                if (!line.StartsWith(PeakLine, StringComparison.Ordinal))
                {
                    continue;
                }

                ReadOnlySpan<char> number = line.AsSpan(PeakLine.Length).Trim().TrimEnd("kB").Trim();
                if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
                {
                    return kibibytes * 1024;
                }
            }
        }

        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
