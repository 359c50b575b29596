// Where blocks of checked heaps are allocated, for programs whose stubs don't say it, and for untyped calls, which never do: the stack of the call is asked, now and then.
//
//     setting SampledStacks     one call in so many, on the average and thread by thread; 1 for each; 0, none      0
//
//     a call that says its line, or is neither one of those nor a guarded sample: as it is
//     else its site = the file and line of the innermost frame that is neither this assembly's nor generated; without symbols, as under NativeAOT, the name of its method
//
// A stack takes from tens of microseconds on, and garbage: of programs alone that ask for it. What is not sampled has no site, so that a report has a row for each sampled line and one for the rest of the type.
//
// The setting is read by whoever asks first, which may be before the process's structures are made.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Guards;

/// <summary>Asks stacks for sites.</summary>
internal static class SampledStacks
{
    private const int NotRead = -1;
    private const int Rarest = 1_000_000_000;
    private const string Generated = ".g.cs";

    private static readonly string? s_thisAssembly = typeof(SampledStacks).Assembly.FullName;

    private static int s_every = NotRead;

    [ThreadStatic]
    private static int t_left;

    /// <summary>Whether any are asked.</summary>
    /// <exception cref="InvalidOperationException">The setting is no such number.</exception>
    public static bool AreTaken => Every != 0;

    private static int Every => s_every != NotRead ? s_every : s_every = Settings.ReadNumber(nameof(SampledStacks), Rarest) ?? 0;

    /// <summary>An origin with its site, if it has none and this call is one of those that are asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Complete(uint origin) => s_every == 0 || Origins.HasSite(origin) ? origin : Sample(origin);

    /// <summary>An origin with its site, if it has none and any calls are asked: for one that is a sample for another reason.</summary>
    public static uint Ask(uint origin) => !AreTaken || Origins.HasSite(origin) ? origin : origin | SiteOfCall();

    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Only for samples that no loop is in step with.")]
    private static uint Sample(uint origin)
    {
        int every = Every;
        if (every == 0 || t_left-- > 0)
        {
            return origin;
        }

        t_left = Random.Shared.Next((2 * every) - 1);
        return origin | SiteOfCall();
    }

    private static uint SiteOfCall()
    {
        foreach (StackFrame frame in new StackTrace(fNeedFileInfo: true).GetFrames())
        {
            string? file = frame.GetFileName();
            DiagnosticMethodInfo? method = DiagnosticMethodInfo.Create(frame);
            if (method == null || method.DeclaringAssemblyName == s_thisAssembly || file?.EndsWith(Generated, StringComparison.Ordinal) == true)
            {
                continue;
            }

            // Sites are told apart by the reference of the file's name.
            return file != null
                ? Origins.NumberOf(string.Intern(file), frame.GetFileLineNumber())
                : Origins.NumberOf(string.Intern($"{method.DeclaringTypeName}.{method.Name}"), 0);
        }

        return 0;
    }
}
