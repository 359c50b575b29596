using System;
using System.IO;

namespace NativeHeap.Tests.Recording;

/// <summary>A folder that goes away with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nativeheap-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string[] Files => [.. Array.ConvertAll(_folder.GetFiles(), file => file.Name)];

    public void Dispose() => _folder.Delete(recursive: true);
}
