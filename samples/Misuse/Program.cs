// A day at a small exchange, with a mistake in it if one is asked for: what NativeHeap says of it at each check level. README.md shows it.
//
//     NATIVEHEAP_CHECK=full dotnet run -c Release --project samples/Misuse -- --bug use-after-free
//
//     Order.cs, Book.cs, Session.cs   the exchange
//     Bug.cs                          the mistakes; "The bug" in a comment says where each is made

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NativeHeap;

using SideBySide;

namespace Misuse;

internal static class Program
{
    public const int Done = 0;
    public const int Found = 1;
    public const int WrongCommandLine = 2;

    private const int DefaultOrders = 1_000;
    private const int MaxOrders = 100_000;

    private const string Help = """
        Plays a day at a small exchange in native memory, and makes a mistake if asked to.

          --bug leak|double-free|overrun|use-after-free  the mistake (none)
          --orders N                                     how many orders are entered (1000)
          --help                                         this text

        NATIVEHEAP_CHECK=off|basic|full says how closely NativeHeap looks.
        Exit codes: 0 nothing found, 1 something found, 2 a wrong command line.
        """;

    private static readonly Dictionary<string, Bug> s_bugs = new(StringComparer.Ordinal)
    {
        ["leak"] = Bug.Leak,
        ["double-free"] = Bug.DoubleFree,
        ["overrun"] = Bug.Overrun,
        ["use-after-free"] = Bug.UseAfterFree,
    };

    public static int Main(string[] args)
    {
        Bug bug = Bug.None;
        int orders = DefaultOrders;
        bool isHelp = false;
        if (Arguments.Read(args, Way, Set, out _) is { } problem)
        {
            Console.Error.WriteLine($"Misuse: {problem}");
            return WrongCommandLine;
        }

        if (isHelp)
        {
            Console.Out.WriteLine(Help);
            return Done;
        }

        return Play(bug, orders, Console.Out, Console.Error);

        string? Set(string name, string value)
        {
            switch (name)
            {
                case "--bug" when s_bugs.TryGetValue(value, out bug):
                case "--orders" when Arguments.IsNumber(value, 1, MaxOrders, out orders):
                    return null;
                case "--help" or "-h":
                    isHelp = true;
                    return null;
                default:
                    return Way(name) is { } way ? $"{name} '{value}' is not possible; {way}"
                        : name.StartsWith('-') ? $"unknown option {name}; --help lists those there are" : $"unexpected argument '{name}'; --help lists the options";
            }
        }
    }

    private static string? Way(string name) => name switch
    {
        "--bug" => $"write --bug {string.Join(", ", s_bugs.Keys.SkipLast(1))} or {s_bugs.Keys.Last()}",
        "--orders" => Arguments.NumberWay(1, MaxOrders),
        _ => null,
    };

    private static int Play(Bug bug, int orders, TextWriter output, TextWriter errors)
    {
        try
        {
            string summary = new Session(bug).Run(orders);

            // What this thread's cache still has is looked at, too, and what a heap of level Full keeps.
            Heap.FlushThread();
            Heap.Shared.Verify();
            output.WriteLine(summary);
        }
        catch (HeapCorruptionException error)
        {
            errors.WriteLine(error.Message);
            return Found;
        }

        LeakReport leaks = Heap.Shared.GetLeakReport();
        if (leaks.Objects != 0)
        {
            errors.WriteLine(leaks);
            return Found;
        }

        return Done;
    }
}
