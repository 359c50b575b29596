// The leak reports that a process writes when it ends, for whoever asks by a setting: at a customer's, of a program as it is.
//
//     setting Leaks      stderr, or the path of a file, which is replaced      none
//
// The runtime's own event of the end (AppDomain.ProcessExit) comes when the main method has returned or Environment.Exit was called, and not after an unhandled exception. Other threads may still be at work. Handlers that
// the program has added itself come later: what they free is in the report.
//
// Asked for when the assembly is loaded, since nothing that allocates may name this floor, and a program that only calls stubs calls nothing up here.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.CompilerServices;

using NativeHeap.Heaps;
using NativeHeap.Platform;

namespace NativeHeap.Diagnostics;

/// <summary>Writes leak reports at the end of the process.</summary>
internal static unsafe class LeaksAtExit
{
    private const string Setting = "Leaks";
    private const string StandardError = "stderr";

    /// <summary>Sees to it that the reports are written if they are asked for.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "The opening comment says why; it costs a look at the environment.")]
    internal static void Watch()
    {
        if (Settings.Read(Setting) is not null)
        {
            AppDomain.CurrentDomain.ProcessExit += static (_, _) => Write(Settings.Read(Setting)!);
        }
    }

    /// <summary>The reports of the shared heap, and of heaps with a name that have not been disposed of.</summary>
    internal static string Report()
    {
        List<string> reports = [];
        HeapGraph? graph = HeapProcess.IsStarted ? new() : null;
        foreach (Heap heap in Heap.All)
        {
            if (heap.Name != null && (heap.SetOrNull != null || graph == null))
            {
                reports.Add(new LeakReport(heap, heap.SetOrNull, graph).ToString());
            }
        }

        return string.Join(Environment.NewLine, reports) + Environment.NewLine;
    }

    private static void Write(string target)
    {
        string report = Report();
        if (string.Equals(target, StandardError, StringComparison.OrdinalIgnoreCase))
        {
            Console.Error.Write(report);
            return;
        }

        try
        {
            File.WriteAllText(target, report);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // Nobody is left to be thrown at.
            Console.Error.WriteLine($"The leak reports that {Settings.EnvironmentNameOf(Setting)} asks for could not be written to '{target}': {error.Message}");
            Console.Error.Write(report);
        }
    }
}
