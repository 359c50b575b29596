using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;

namespace NativeHeap.Tests;

/// <summary>The command that runs this program once more: by the runtime's host, by itself if it is published with the runtime, and by QEMU if it is under that.</summary>
internal static class ThisProgram
{
    public static ProcessStartInfo Command(params string[] arguments)
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        if (Path.TrimEndingDirectorySeparator(runtime) != Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        {
            string host = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
            return new(host, [typeof(ThisProgram).Assembly.Location, .. arguments]);
        }

        return Emulation.IsQemu ? new(Emulation.Emulator!, [Environment.ProcessPath!, .. arguments]) : new(Environment.ProcessPath!, arguments);
    }
}
